import { parseAllDocuments } from 'yaml'
import type { Rule } from '../../src/sandbox/api/access.ts'
import { blocks, read } from './markdown.ts'

interface Role {
  kind: string
  metadata: { namespace?: string }
  rules: Rule[]
}

/** The rules of the roles in a YAML block, each with the namespace that it holds in. */
function rulesIn(text: string): Rule[] {
  const roles = parseAllDocuments(text)
    .map((document) => document.toJS() as Role)
    .filter(({ kind }) => kind === 'Role' || kind === 'ClusterRole')
  return roles.flatMap(({ metadata, rules }) =>
    rules.map((rule) => ({ ...rule, ...(metadata.namespace && { namespaces: [metadata.namespace] }) })),
  )
}

/** The YAML of docs/reference/permissions.md, as people paste it. */
export const manifests = blocks(read('docs/reference/permissions.md'))
  .filter(({ language }) => language === 'yaml')
  .map(({ text }) => text)

const [
  always = [],
  proof = [],
  causes = [],
  rotating = [],
  credentials = [],
  throwAway = [],
  better = [],
  status = [],
  verifying = [],
  comparing = [],
  doctor = [],
] = manifests.map(rulesIn)

export { always, causes, doctor, proof, status }
export const verify = { always: verifying, better: comparing }
export const rotation = { always: rotating, credentials, throwAway, better }
