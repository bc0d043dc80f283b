import { isMap, isScalar, type Node, type Pair, stringify, type YAMLMap } from 'yaml'
import { isMap as isRecord, mapAt } from './documents.ts'
import type { DeclaredKustomization } from './flux-files.ts'
import { columnOf, lineAround, linesBelow, type Splice } from './lines.ts'
import { dashColumn, emptied, listIn } from './list.ts'
import { proven } from './proof.ts'
import { refusal } from './refusal.ts'
import { scalarText } from './scalar.ts'
import { refuseTemplate, type Source } from './source.ts'

/** What both may say alike. Patches, images, health checks and the like are meant for certain objects. */
const shared = new Set(
  `interval retryInterval timeout path prune sourceRef dependsOn wait force serviceAccountName targetNamespace commonMetadata
  decryption postBuild deletionPolicy`.split(/\s+/),
)

/**
 * The text of a file in which a Flux Kustomization waits for a new one, of this name and path, which stands right before it and
 * is checked as a whole. Throws a Failure where the old one says what can't be shared between them, or is written so that it can't be edited.
 */
export function operatorFirst(
  source: Source,
  { line, name: old }: Pick<DeclaredKustomization, 'line' | 'name'>,
  operator: { name: string; path: string },
): { text: string; prunes: boolean } {
  const index = source.documents.findIndex(({ contents }) => source.lineOf(contents?.range?.[0] ?? 0) === line)
  const document = source.documents[index]
  const model = source.models[index]
  const root: unknown = document?.contents
  const spec = mapAt(model, 'spec')
  const byHand = refusal(source.path, line, {
    id: 'edit-by-hand',
    what: "this Flux Kustomization can't be made into two without touching anything else.",
    fix: 'https://external-secrets.io/latest/examples/gitops-using-fluxcd/',
  })
  const fits = isRecord(model) && mapAt(model, 'metadata')['name'] === old && isRecord(spec['sourceRef'])
  if (document === undefined || !fits || !isMap(root) || Object.keys(spec).some((field) => !shared.has(field))) throw byHand
  refuseTemplate(source, document)

  const { namespace } = mapAt(model, 'metadata')
  const metadata = { name: operator.name, ...(namespace !== undefined && { namespace }) }
  const first = { ...model, metadata, spec: { ...spec, retryInterval: '1m', timeout: '10m', path: `./${operator.path}`, wait: true } }
  const dependsOn = [...(Array.isArray(spec['dependsOn']) ? spec['dependsOn'] : []), { name: operator.name }]
  const start = lineAround(source.text, root.range?.[0] ?? 0).start
  const edit = [{ from: start, to: start, put: textOf(first, source) }, ...dependency(source, root as YAMLMap, operator.name)]
  const meant = source.models.toSpliced(index, 1, first, { ...model, spec: { ...spec, dependsOn } })
  return { text: proven(source, edit, meant, byHand), prunes: spec['prune'] === true }
}

const comment = `# The operator comes first: beside a store, whose CRD it brings, it
# would never be applied to a new cluster.
`

function textOf(model: object, { text }: Source): string {
  const eol = text.match(/\r?\n/)?.[0] ?? '\n'
  return `${comment}${stringify(model, { lineWidth: 0 })}---\n`.replaceAll('\n', eol)
}

function dependency(source: Source, root: YAMLMap, name: string): Splice[] {
  const pair = root.items.find(({ key }: Pair) => isScalar(key) && key.value === 'spec') as Pair<Node, Node> | undefined
  const spec = pair?.value
  const first = isMap(spec) && !spec.flow ? (spec.items[0]?.key as Node | undefined) : undefined
  if (pair === undefined || !isMap(spec) || first === undefined) return []
  const item = `- name: ${scalarText(name)}`
  const list = listIn(spec as YAMLMap, 'dependsOn')
  const indent = ' '.repeat(columnOf(source.text, first.range?.[0] ?? 0))
  if (list.form === 'absent') return [linesBelow(source.text, pair.key.range?.[0] ?? 0, [`${indent}dependsOn:`, `${indent}  ${item}`])]
  if (list.form === 'empty') return [...emptied(source, list), linesBelow(source.text, list.key.range?.[0] ?? 0, [`${indent}  ${item}`])]
  if (list.form === 'other') return []
  const [start, end] = list.value.items.at(-1)?.range ?? [0, 0]
  if (list.form === 'flow') return [{ from: end, to: end, put: `, { name: ${scalarText(name)} }` }]
  return [linesBelow(source.text, Math.max(start, end - 1), [`${' '.repeat(dashColumn(source, list) ?? 4)}${item}`])]
}
