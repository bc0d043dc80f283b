import { type Document, isScalar, visit } from 'yaml'
import type { KubernetesObject } from '../../kubernetes/object.ts'
import { documentsIn, isMap } from '../../manifests/documents.ts'

/** The objects of a resource file, Lists taken apart. Throws in kustomize's words where it isn't one. */
export function resourcesIn(text: string, name: string): KubernetesObject[] {
  return documentsIn(text).flatMap((document) => {
    const value = readable(document, name)
    if (value === null || value === undefined) return []
    const isList = isMap(value) && String(value['kind']).endsWith('List') && Array.isArray(value['items'])
    return (isList ? (value['items'] as unknown[]) : [value]).map(checked)
  })
}

/** How kustomize names an object in its messages, and tells two of them apart. */
export function idOf({ apiVersion, kind, metadata }: KubernetesObject): string {
  const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['[noGrp]', apiVersion]
  return `${kind}.${version}.${group}/${metadata.name}.${metadata.namespace || '[noNs]'}`
}

function readable(document: Document, name: string): unknown {
  const error = document.errors[0]
  if (error) throw new Error(`MalformedYAMLError: yaml: ${error.message} in File: ${name}`)
  visit(document, {
    Pair(_, { key }) {
      // A vault named 2024 needs quotes: a number is no key in JSON, and kustomize stops at it.
      if (isScalar(key) && (typeof key.value === 'number' || typeof key.value === 'boolean')) {
        throw new Error('json: unsupported type: map[interface {}]interface {}')
      }
    },
  })
  return document.toJS()
}

function checked(value: unknown): KubernetesObject {
  if (!isMap(value) || typeof value['apiVersion'] !== 'string' || typeof value['kind'] !== 'string')
    throw new Error('missing Resource metadata')
  if (!isMap(value['metadata']) || typeof value['metadata']['name'] !== 'string' || value['metadata']['name'] === '') {
    throw new Error(`missing metadata.name in object {{${value['apiVersion']} ${value['kind']}} {{ } map[] map[]}}`)
  }
  return value as unknown as KubernetesObject
}
