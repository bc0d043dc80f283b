export interface Revision {
  branch?: string
  /** The commit. */
  sha?: string
}

/**
 * Takes a Flux revision apart: `main@sha1:…`, `refs/heads/main@sha1:…` (a source with `ref.name`), `sha1:…` (a bare
 * commit) and `main/…` (before Flux 2.0). A digest of an OCI artifact (`latest@sha256:…`) is not a commit.
 * Source: https://fluxcd.io/flux/components/source/gitrepositories/#artifact
 */
export function parseRevision(text: string): Revision {
  const parts = /^(?:(?<ref>.+)@)?sha1:(?<sha>[0-9a-f]{40})$/.exec(text) ?? /^(?<ref>.+)\/(?<sha>[0-9a-f]{40})$/.exec(text)
  const ref = parts?.groups?.['ref']
  const sha = parts?.groups?.['sha']
  const branch = ref?.replace(/^refs\/heads\//, '')
  return {
    ...(branch === undefined || branch === 'HEAD' || branch.startsWith('refs/') ? {} : { branch }),
    ...(sha === undefined ? {} : { sha }),
  }
}
