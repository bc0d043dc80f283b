import { readFile, writeFile } from 'node:fs/promises'
import type { Api } from './api.ts'
import { fluxRelease, operatorVersions } from './upstream/modules.ts'

/** Versions on which a value has come through, as the cluster itself names them, and the scenarios in which it did. */
export interface Proven {
  kubernetes: string
  flux: string
  externalSecrets: string
  scenarios: string[]
}

const file = new URL('../../docs/transcripts/versions.json', import.meta.url)

export async function readProven(): Promise<Proven[]> {
  return JSON.parse(await readFile(file, 'utf8').catch(() => '[]'))
}

/** Adds what this cluster runs to docs/transcripts/versions.json, from which scripts/docs.js makes the table in the README. */
export async function recordProof(api: Api, scenario: string): Promise<void> {
  const [server, flux, operators] = await Promise.all([
    api.get('/version'),
    api.get('/apis/apiextensions.k8s.io/v1/customresourcedefinitions/kustomizations.kustomize.toolkit.fluxcd.io'),
    api.list('/apis/apps/v1/deployments?labelSelector=app.kubernetes.io/name%3Dexternal-secrets'),
  ])
  const label = 'app.kubernetes.io/version'
  const now = {
    kubernetes: String(server?.['gitVersion']),
    flux: String(flux?.metadata.labels?.[label]),
    externalSecrets: String(operators[0]?.metadata.labels?.[label]),
  }
  const same = (row: Proven) => Object.entries(now).every(([name, version]) => row[name as keyof typeof now] === version)
  const known = (await readProven()).filter(isCurrent)
  const scenarios = new Set([...(known.find(same)?.scenarios ?? []), scenario])
  const rows = [...known.filter((row) => !same(row)), { ...now, scenarios: [...scenarios].sort() }]
  await writeFile(file, `${JSON.stringify(rows.sort(newestFirst), null, 2)}\n`)
}

/** What the suite doesn't run any more proves nothing of the program as it is. */
function isCurrent({ flux, externalSecrets }: Proven): boolean {
  return flux === fluxRelease && operatorVersions.some((version) => externalSecrets === `v${version}`)
}

function newestFirst(a: Proven, b: Proven): number {
  const [one, other] = [a, b].map(({ kubernetes, flux, externalSecrets }) => [kubernetes, flux, externalSecrets].join(' '))
  return (other ?? '').localeCompare(one ?? '', 'en', { numeric: true })
}
