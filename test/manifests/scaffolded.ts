import { parseAllDocuments } from 'yaml'
import { type ScaffoldInputs, scaffold } from '../../src/manifests/scaffold.ts'
import { type At, chooseVersions } from '../../src/manifests/versions.ts'
import { templatesFolder } from '../../src/templates.ts'
import { base, type Files } from './layouts.ts'

/** What `init --scaffold` writes for this cluster. */
export async function scaffolded(at: At = {}, more: Partial<ScaffoldInputs> = {}): Promise<Files> {
  const files = await scaffold(
    {
      path: base,
      clusterPath: 'clusters/home',
      namespace: 'external-secrets',
      versions: chooseVersions(at),
      source: { kind: 'GitRepository', name: 'flux-system', namespace: 'flux-system' },
      ...more,
    },
    templatesFolder,
  )
  return Object.fromEntries(files.map(({ path, text }) => [path, text]))
}

/** All objects of the YAML files. */
// biome-ignore lint/suspicious/noExplicitAny: each test looks at the fields it knows
export function objectsIn(files: Files): any[] {
  const yaml = Object.entries(files).filter(([path]) => path.endsWith('.yaml'))
  return yaml.flatMap(([, text]) => parseAllDocuments(text).map((document) => document.toJS()))
}
