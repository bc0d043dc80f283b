import { binary, wantedMinor } from '../cluster/binaries.ts'
import { readProven } from './proven.ts'
import { fluxRelease, type ModuleName, modules, operatorVersions } from './upstream/modules.ts'
import { program } from './upstream/programs.ts'

/** Builds whatever isn't built yet, one after the other, and says what the scenarios run on; at the end, on what a value came through. */
export default async function setUp(): Promise<() => Promise<void>> {
  const minor = wantedMinor()
  for (const name of ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler'] as const) {
    await timed(name, () => binary(name, minor))
  }
  for (const name of Object.keys(modules) as ModuleName[]) await timed(name, () => program(name))
  say(`Kubernetes ${minor} × Flux ${fluxRelease.slice(1)} × External Secrets Operator ${operatorVersions.join(', ')}`)
  return async () => {
    for (const { kubernetes, flux, externalSecrets, scenarios } of await readProven())
      say(`proven on Kubernetes ${kubernetes} × Flux ${flux} × External Secrets Operator ${externalSecrets}: ${scenarios.join(', ')}`)
  }
}

async function timed(name: string, build: () => Promise<string>): Promise<void> {
  const began = Date.now()
  await build()
  const seconds = Math.round((Date.now() - began) / 1000)
  if (seconds > 1) say(`built ${name} in ${seconds} s`)
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}
