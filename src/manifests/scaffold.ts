import { readdir, readFile } from 'node:fs/promises'
import { join, posix, sep } from 'node:path'
import { parse } from 'yaml'
import { Failure } from '../failure.ts'
import type { Versions } from './versions.ts'

export interface ScaffoldInputs {
  /** The External Secrets folder to write, from the top of the repository: `infrastructure/base/external-secrets`. */
  path: string
  /** The folder that Flux builds for this cluster: `clusters/home`. */
  clusterPath: string
  /** Where the operator, Connect and its Secrets live. */
  namespace: string
  versions: Versions
  /** The Flux source that holds this repository; the new Flux objects go into its namespace. */
  source: { kind: string; name: string; namespace: string }
}

/** A file to write: its path from the top of the repository. */
export interface ScaffoldFile {
  path: string
  text: string
}

/**
 * All files of the External Secrets folder, and the Flux Kustomizations for the cluster's folder, from the templates
 * with the words like `__NAMESPACE__` replaced. The vaults are a placeholder: naming them is another step's work.
 * Throws a Failure (exit `usage`) for a value that can't stand in YAML as it is.
 */
export async function scaffold(inputs: ScaffoldInputs, templatesFolder: string): Promise<ScaffoldFile[]> {
  const words = wordsOf(inputs)
  const folders = [
    { from: 'external-secrets', to: inputs.path },
    { from: 'cluster', to: inputs.clusterPath },
  ]
  const files = await Promise.all(folders.map(({ from, to }) => render(join(templatesFolder, from), to, words)))
  return files.flat()
}

/**
 * Where the new file has to be listed so that Flux sees it: a cluster folder with a kustomization of its own applies
 * what that lists and nothing else; in one without, Flux applies every file
 * (https://fluxcd.io/flux/components/kustomize/kustomizations/#generating-a-kustomizationyaml-file).
 */
export function clusterListing(clusterPath: string, filesOfFolder: readonly string[]): { file: string; entry: string } | undefined {
  const name = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'].find((each) => filesOfFolder.includes(each))
  return name === undefined ? undefined : { file: posix.join(clusterPath, name), entry: clusterFile }
}

/** The name of the file with the Flux Kustomizations, in the cluster's folder. */
const clusterFile = 'external-secrets.yaml'

function wordsOf({ path, clusterPath, namespace, versions, source }: ScaffoldInputs): Map<string, string> {
  const words = {
    PATH: posix.normalize(path).replace(/^\.\/|\/$/g, ''),
    CLUSTER_PATH: posix.normalize(clusterPath).replace(/^\.\/|\/$/g, ''),
    NAMESPACE: namespace,
    FLUX_NAMESPACE: source.namespace,
    SOURCE_KIND: source.kind,
    SOURCE_NAME: source.name,
    ESO_VERSION: versions.eso,
    CONNECT_VERSION: versions.connect,
    EXTERNAL_SECRETS_API: versions.externalSecrets,
    HELMRELEASE_API: versions.helmRelease,
    HELMREPOSITORY_API: versions.helmRepository,
    KUSTOMIZATION_API: versions.kustomization,
  }
  for (const [word, value] of Object.entries(words)) if (!isPlain(value)) throw notPlain(word, value)
  return new Map(Object.entries(words))
}

/** What YAML reads back as this very text, also where it is read as YAML 1.1 (`no`, `0123`), as the API machinery does. */
function isPlain(value: string): boolean {
  try {
    return parse(`- ${value}`, { version: '1.1' })?.[0] === value && !value.includes('__')
  } catch {
    return false
  }
}

function notPlain(word: string, value: string): Failure {
  return new Failure({
    id: 'name-not-plain',
    exit: 'usage',
    what: `The ${word.toLowerCase().replace('_', ' ')} ${JSON.stringify(value)} can't stand in a YAML file without quotes.`,
    why: 'The templates write it as it is; YAML would read it as a number, a boolean or something else.',
    fix: 'Choose a name of letters, digits, - and /, with at least one letter.',
  })
}

async function render(folder: string, to: string, words: ReadonlyMap<string, string>): Promise<ScaffoldFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const names = entries.filter((each) => each.isFile()).map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1))
  return Promise.all(
    names.sort().map(async (name) => ({
      path: posix.join(to, name.split(sep).join('/')),
      text: (await readFile(join(folder, name), 'utf8')).replace(/__([A-Z_]+?)__/g, (whole, word) => words.get(word) ?? whole),
    })),
  )
}
