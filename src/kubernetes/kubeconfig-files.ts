import { readFile } from 'node:fs/promises'
import { delimiter, dirname, isAbsolute, join } from 'node:path'
import { LineCounter, parseDocument } from 'yaml'
import type { Environment } from '../child.ts'
import { Failure } from '../failure.ts'

/** Where to look for the kubeconfig; an explicit file is the only one that is read then. */
export interface KubeconfigPlace {
  kubeconfig?: string | undefined
  env: Environment
  home: string
}

/** The files' content merged, in kubeconfig's own field names. */
export interface MergedKubeconfig {
  files: string[]
  currentContext: string | undefined
  contexts: Map<string, Entry>
  clusters: Map<string, Entry>
  users: Map<string, Entry>
}

type Entry = Record<string, unknown>

/** Fields that hold a path; it is relative to the file it stands in. */
const paths = ['certificate-authority', 'client-certificate', 'client-key', 'tokenFile']

/**
 * Reads and merges kubeconfig files as kubectl does: the first file that names a cluster, user, context or current
 * context wins, and a missing file of a KUBECONFIG list is passed over. Undefined when there is no file at all.
 * Throws a Failure for a file that can't be read or parsed; it never quotes the file, which may hold credentials.
 * https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/#merging-kubeconfig-files
 */
export async function readKubeconfigFiles(place: KubeconfigPlace): Promise<MergedKubeconfig | undefined> {
  const merged: MergedKubeconfig = { files: [], currentContext: undefined, contexts: new Map(), clusters: new Map(), users: new Map() }
  for (const file of candidates(place)) {
    const text = await readText(file, place.kubeconfig !== undefined)
    if (text === undefined) continue
    merged.files.push(file)
    merge(merged, parse(file, text), dirname(file))
  }
  return merged.files.length === 0 ? undefined : merged
}

function candidates(place: KubeconfigPlace): string[] {
  if (place.kubeconfig !== undefined) return [place.kubeconfig]
  const list = place.env['KUBECONFIG']
  if (!list) return [join(place.home, '.kube', 'config')]
  return [...new Set(list.split(delimiter).filter((file) => file !== ''))]
}

async function readText(file: string, required: boolean): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ENOENT' && !required) return undefined
    const why = code === 'ENOENT' ? 'There is no such file.' : code === 'EISDIR' ? 'It is a folder.' : `Reading it failed with ${code}.`
    const id = code === 'ENOENT' ? 'kubeconfig-missing' : 'kubeconfig-unreadable'
    const fix = 'eso-bootstrap … --kubeconfig <another file>'
    throw new Failure({ id, exit: 'blocked', what: `The kubeconfig ${file} can't be read.`, why, fix })
  }
}

function parse(file: string, text: string): Entry {
  const lineCounter = new LineCounter()
  const document = parseDocument(text, { lineCounter, logLevel: 'error' })
  const error = document.errors[0]
  const content: unknown = error ? undefined : (document.toJS() ?? {})
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    const line = error ? ` near line ${error.linePos?.[0].line ?? 1}` : ''
    throw new Failure({
      id: 'kubeconfig-unreadable',
      exit: 'blocked',
      what: `The kubeconfig ${file} isn't valid YAML${line}.`,
      fix: ['Put it right, or fetch it anew:', 'kubectl config view   # says what is wrong'],
    })
  }
  return content as Entry
}

function merge(merged: MergedKubeconfig, content: Entry, folder: string) {
  merged.currentContext ||= typeof content['current-context'] === 'string' ? content['current-context'] : undefined
  for (const kind of ['context', 'cluster', 'user'] as const) {
    const list = content[`${kind}s`]
    for (const each of Array.isArray(list) ? list : []) {
      if (typeof each?.name !== 'string' || merged[`${kind}s`].has(each.name)) continue
      merged[`${kind}s`].set(each.name, absolute(each[kind] ?? {}, folder))
    }
  }
}

function absolute(entry: Entry, folder: string): Entry {
  const result: Entry = { ...entry }
  const resolve = (path: string) => (isAbsolute(path) ? path : join(folder, path))
  for (const field of paths) {
    // Where both are given, kubectl takes the data and the client library the file.
    if (result[`${field}-data`]) delete result[field]
    if (typeof result[field] === 'string' && result[field] !== '') result[field] = resolve(result[field])
  }
  // A plugin's command without a slash is looked for in PATH.
  const exec = result['exec'] as { command?: string } | undefined
  if (exec?.command?.includes('/')) result['exec'] = { ...exec, command: resolve(exec.command) }
  return result
}
