import type { KubernetesObject } from '../../kubernetes/object.ts'
import { documentsIn, groupOf, isMap } from '../../manifests/documents.ts'
import { resolvePath, type Tree } from '../../manifests/tree.ts'
import { builtinSchemas } from '../api/builtin-schemas.ts'
import type { Json } from '../api/json.ts'
import { jsonPatch, strategicPatch } from '../api/patch.ts'
import type { Kustomization, Patch, Target } from './file.ts'
import { idOf } from './resources.ts'

/** Applies a kustomization's patches, strategic and JSON6902; throws in kustomize's words where one doesn't fit. */
export async function patched(
  tree: Tree,
  folder: string,
  kustomization: Kustomization,
  objects: KubernetesObject[],
): Promise<KubernetesObject[]> {
  let result = objects
  const strategic = (kustomization.patchesStrategicMerge ?? []).map((each): Patch => (/\n/.test(each) ? { patch: each } : { path: each }))
  for (const each of [...strategic, ...(kustomization.patches ?? []), ...(kustomization.patchesJson6902 ?? [])]) {
    const text = each.path === undefined ? (each.patch ?? '') : await fileOf(tree, folder, each.path)
    for (const patch of documentsIn(text).map((document) => document.toJS() as Json)) result = applied(result, patch, each.target)
  }
  return result
}

async function fileOf(tree: Tree, folder: string, path: string): Promise<string> {
  const target = resolvePath(folder, path)
  const text = target === undefined ? undefined : await tree.read(target)
  if (text === undefined) throw new Error(`unable to get patch from file '${path}': no such file or directory`)
  return text
}

function applied(objects: KubernetesObject[], patch: Json, target: Target | undefined): KubernetesObject[] {
  if (target) return objects.map((object) => (isSelected(object, target) ? changed(object, patch) : object))
  const object: unknown = patch
  if (!isMap(object) || !isMap(object['metadata'])) throw new Error('must specify a target for JSON patch')
  const id = idOf(object as unknown as KubernetesObject)
  if (!objects.some((each) => idOf(each) === id)) {
    throw new Error(
      `no resource matches strategic merge patch "${id}": no matches for Id ${id}; failed to find unique target for patch ${id}`,
    )
  }
  return objects.map((each) => (idOf(each) === id ? changed(each, patch) : each))
}

/** Each field of a target is a regular expression for the whole text: https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/patches/ */
function isSelected(object: KubernetesObject, target: Target): boolean {
  if (target.labelSelector || target.annotationSelector) throw new Error('a patch that selects by label is not supported by the sandbox')
  const { name, namespace = '' } = object.metadata
  const own = { group: groupOf(object), version: object.apiVersion.split('/').at(-1) ?? '', kind: object.kind, name, namespace }
  return (Object.keys(own) as (keyof typeof own)[]).every((key) => !target[key] || new RegExp(`^(?:${target[key]})$`).test(own[key]))
}

function changed(object: KubernetesObject, patch: Json): KubernetesObject {
  if (Array.isArray(patch)) return jsonPatch(object as unknown as Json, patch) as unknown as KubernetesObject
  const schema = builtinSchemas[object.kind]
  const isCustom = groupOf(object).includes('.')
  const text = JSON.stringify(patch)
  // What a list is merged by, only a schema tells; a custom resource has none here, and its lists are replaced.
  if (text.includes('"$patch"') || (!schema && !isCustom && text.includes('[{'))) {
    throw new Error(`this patch of a ${object.kind} is not supported by the sandbox`)
  }
  return strategicPatch(object as unknown as Json, patch, isCustom ? undefined : schema) as unknown as KubernetesObject
}
