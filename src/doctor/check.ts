import type { Failure } from '../failure.ts'
import type { Access } from '../kubernetes/cluster.ts'
import type { DoctorWorld, FilesWorld } from './world.ts'

export const categories = [
  'cluster',
  'flux',
  'files',
  'operator',
  'credentials',
  'connect',
  'token',
  'stores',
  'secrets',
  'security',
] as const

/** An error breaks the way of a value into the cluster; a warning will, or may; advice is about what could be safer. */
export type Severity = 'error' | 'warning' | 'advice'

interface Record {
  /** Stable and kebab-case: an anchor in docs/checks.md. */
  id: string
  category: (typeof categories)[number]
  /** The statement that is true where nothing is wrong: `every 1Password store is Ready`. */
  title: string
  severity: Severity
  /** Checks that come before it; it is skipped where one of them found an error. */
  needs: readonly string[]
  /** What others find may come from what it finds, also where that is no error: it is told before them. */
  explains?: true
  /** For docs/checks.md and `--explain`. */
  page: Page
}

/** What a person reads of a check, in plain sentences. */
interface Page {
  /** How it shows, where somebody who doesn't know looks. */
  symptom: string
  cause: string
  fix: string
  /** URLs of what it rests on. */
  sources: readonly string[]
}

/** Looks at nothing but the working tree: `--offline` runs it too. */
export interface FilesCheck extends Record {
  looksAt: 'files'
  look(world: FilesWorld): Promise<readonly (Finding | NotSeen)[]>
}

export interface ClusterCheck extends Record {
  looksAt: 'cluster'
  look(world: DoctorWorld): Promise<readonly (Finding | NotSeen)[]>
}

/**
 * Says of one statement whether it is true. The look only reads; it gives nothing where all is well, and throws a Failure where
 * it could not be looked at: that is no finding.
 */
export type Check = FilesCheck | ClusterCheck

/** One thing for which the statement isn't true. */
export interface Finding {
  /** Whom it concerns: `ClusterSecretStore onepassword`. */
  about: string
  /** One sentence or two. */
  why: string
  /** Commands as they can be pasted, the first one first; or sentences. */
  fix: readonly string[]
  /** Where this case is another than the check's. */
  severity?: Severity
  /** Where it stands in the working tree; lines count from 1. */
  at?: { path: string; line: number }
  repair?: Repair
}

/** A part that could not be looked at, where the rest could. */
export interface NotSeen {
  notSeen: string
  why: string
}

/** What `--fix` does about a finding, after a yes: safe, and to be taken back. */
export interface Repair {
  /** `annotate the Namespace external-secrets: prune disabled` */
  says: string
  /** A unified diff, where files change. */
  diff?: string
  /** What the user must be allowed to do. */
  needs: readonly Access[]
  /** Gives what was done. Throws a Failure where nothing was. */
  make(signal: AbortSignal): Promise<string>
}

export function isFinding(each: Finding | NotSeen): each is Finding {
  return !('notSeen' in each)
}

/** What a Failure says, as a finding: for a look whose very question is whether that can be read. */
export function findingOf(about: string, { message, why, fix }: Failure): Finding {
  return { about, why: why === undefined ? message : `${message} ${why}`, fix }
}
