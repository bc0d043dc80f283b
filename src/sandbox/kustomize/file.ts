import { posix } from 'node:path'
import { z } from 'zod'
import { documentsIn } from '../../manifests/documents.ts'
import { kustomizationNames, pathIn } from '../../manifests/graph.ts'
import type { Tree } from '../../manifests/tree.ts'

const names = z.array(z.string()).nullish()
const texts = z.record(z.string(), z.string()).nullish()
const text = z.string().optional()
const target = z.object({
  group: text,
  version: text,
  kind: text,
  name: text,
  namespace: text,
  labelSelector: text,
  annotationSelector: text,
})
const patches = z.array(z.object({ path: text, patch: text, target: target.optional() })).nullish()

const schema = z.object({
  apiVersion: z.string().optional(),
  kind: z.enum(['Kustomization', 'Component']).default('Kustomization'),
  metadata: z.unknown().optional(),
  resources: names,
  bases: names,
  components: names,
  namespace: z.string().nullish(),
  commonLabels: texts,
  commonAnnotations: texts,
  labels: z
    .array(
      z.object({
        pairs: z.record(z.string(), z.string()),
        includeSelectors: z.boolean().optional(),
        includeTemplates: z.boolean().optional(),
      }),
    )
    .nullish(),
  patches,
  patchesStrategicMerge: names,
  patchesJson6902: patches,
})

export type Kustomization = z.infer<typeof schema>
export type Patch = NonNullable<Kustomization['patches']>[number]
export type Target = z.infer<typeof target>

/** Fields that kustomize has and this build hasn't: https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/ */
const unsupported = `buildMetadata configMapGenerator configurations crds generatorOptions generators helmCharts
  helmChartInflationGenerator helmGlobals images namePrefix nameSuffix openapi replacements replicas secretGenerator sortOptions
  transformers validators vars`.split(/\s+/)

/** The kustomization of a folder, undefined if there is none. Throws in kustomize's words where it can't be read. */
export async function kustomizationIn(tree: Tree, folder: string): Promise<Kustomization | undefined> {
  const inFolder = await tree.list(folder)
  const [name, second] = kustomizationNames.filter((each) => inFolder.includes(each))
  const at = posix.join(tree.root, folder)
  if (name === undefined) return undefined
  if (second !== undefined) throw new Error(`Found multiple kustomization files under: ${at}\n`)
  const document = documentsIn((await tree.read(pathIn(folder, name))) ?? '')[0]
  // kustomize lets the last of two equal keys win, without a word.
  const broken = document?.errors.find((each) => each.code !== 'DUPLICATE_KEY')
  if (broken) throw new Error(`invalid Kustomization: yaml: ${broken.message}`)
  const value: unknown = document?.toJS()
  if (value === null || value === undefined) throw new Error(`${name} is empty`)
  return parsed(value, at)
}

function parsed(value: unknown, at: string): Kustomization {
  const fields = typeof value === 'object' && value !== null ? Object.entries(value) : []
  for (const [field, content] of fields) {
    if (field in schema.shape) continue
    if (!unsupported.includes(field)) throw new Error(`invalid Kustomization: json: unknown field "${field}"`)
    if (!isEmpty(content)) throw new Error(`${field} in ${at} is not supported by the sandbox`)
  }
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const field = String(result.error.issues[0]?.path[0] ?? '')
  if (field === 'kind') throw new Error(`Failed to read kustomization file under ${at}:\nkind should be Kustomization or Component\n`)
  const type = typeof Object.fromEntries(fields)[field]
  throw new Error(`invalid Kustomization: json: cannot unmarshal ${type} into Go struct field Kustomization.${field}`)
}

function isEmpty(content: unknown): boolean {
  return content === null || (typeof content === 'object' && Object.keys(content).length === 0)
}
