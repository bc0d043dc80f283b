import { Failure } from '../../failure.ts'
import { valuesIn } from '../../manifests/documents.ts'
import { type Lying, lyingIn, mayLie } from '../../onepassword/lying-about.ts'
import { newCredentials } from '../../onepassword/obtain.ts'
import { shellWord } from '../../text/shell-word.ts'
import type { FilesCheck, Finding } from '../check.ts'
import { fewest } from './fewest.ts'

export const noSecretInGit: FilesCheck = {
  id: 'no-secret-in-git',
  category: 'files',
  title: 'neither credentials of Connect nor a token lie in the repository for everybody to read',
  severity: 'error',
  needs: [],
  page: {
    symptom: 'None, until somebody who may read the repository reads the vaults.',
    cause:
      'The file 1password-credentials.json, a token, or a Secret that was written with kubectl create --dry-run was committed, or lies where the next git add takes it. Base64 is no encryption.',
    fix: 'Take the file out, and make new credentials or a new token: what was pushed stays in the history, and in every clone.',
    sources: [
      'https://developer.1password.com/docs/connect/concepts',
      'https://kubernetes.io/docs/concepts/configuration/secret/',
      'https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/removing-sensitive-data-from-a-repository',
    ],
  },
  looksAt: 'files',
  async look({ places, now }) {
    const [repository, tree] = await Promise.all([places.repository(), places.tree()])
    const findings: Finding[] = []
    for (const path of await repository.holding(mayLie)) {
      const text = await tree.read(path)
      const found = text === undefined ? undefined : firstIn(text, now)
      if (found !== undefined) findings.push(findingOf(path, found, await repository.tracked(path)))
    }
    return fewest(findings, 'files')
  },
}

function findingOf(path: string, { is, line }: { is: Lying; line: number }, isTracked: boolean): Finding {
  const what = is === 'credentials' ? 'the credentials of a Connect server' : 'a Connect token that is still valid'
  const how = isTracked ? 'and git tracks it' : 'and the next git add would take it'
  const file = shellWord(path)
  const away = isTracked
    ? [`git rm --cached ${file} && echo ${shellWord(`/${path}`)} >> .gitignore`]
    : [`echo ${shellWord(`/${path}`)} >> .gitignore`]
  const renew =
    is === 'credentials'
      ? [...newCredentials, 'eso-bootstrap rotate-credentials --credentials <file> --token <source>']
      : ['eso-bootstrap rotate-token --token <source>']
  return { about: path, why: `It holds ${what}, ${how}.`, fix: isTracked ? [...away, ...renew] : away, at: { path, line } }
}

/** Looks at the whole text, at each text in its documents, and at each long word. */
function firstIn(text: string, now: Date): { is: Lying; line: number } | undefined {
  const whole = lyingIn(text, now)
  if (whole !== undefined) return { is: whole, line: 1 }
  const words = text.match(/[A-Za-z0-9+/=_.-]{80,}/g) ?? []
  for (const each of [...words, ...textsIn(text)]) {
    const is = lyingIn(each, now)
    if (is !== undefined) return { is, line: lineOf(text, each) }
  }
  return undefined
}

function textsIn(text: string): string[] {
  try {
    return valuesIn(text).flatMap(leaves)
  } catch (error) {
    if (error instanceof Failure) throw error
    return [] // what can't be taken apart is no YAML
  }
}

function leaves(value: unknown): string[] {
  if (typeof value === 'string') return value.length < 80 ? [] : [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(leaves) : []
}

/** A text of several lines stands indented, or in one line with escapes: its first words are looked for. */
function lineOf(text: string, part: string): number {
  const first = part.match(/[A-Za-z0-9+/_.-]{12,}/)?.[0] ?? part
  return text.slice(0, Math.max(0, text.indexOf(first))).split('\n').length
}
