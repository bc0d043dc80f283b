import { withServedVersions } from '../../flux/missing-kind.ts'
import type { FluxKustomization } from '../../flux/objects.ts'
import { verdictOf } from '../../flux/verdict.ts'
import type { KubernetesObject } from '../../kubernetes/object.ts'
import { stateOf } from '../../status/flux.ts'
import type { ClusterCheck, Finding, NotSeen } from '../check.ts'
import type { DoctorWorld } from '../world.ts'
import { fluxHere, nameOfKustomization } from './flux-here.ts'

export const fluxReady: ClusterCheck = {
  id: 'flux-ready',
  category: 'flux',
  title: 'the Flux Kustomizations of External Secrets are Ready',
  severity: 'error',
  needs: [
    'flux-installed',
    'flux-sources',
    'operator-apart',
    'store-api-version',
    'store-token-namespace',
    'namespace-exists',
    'crds-served',
    'webhook-answers',
  ],
  page: {
    symptom: 'flux get kustomizations -A shows READY False; flux reconcile ends with "context deadline exceeded" and nothing more.',
    cause:
      'The manifests do not build, the cluster refuses one of them (Flux then applies none of that Kustomization), or something that it waits for does not become Ready.',
    fix: 'Mend what the message names, commit and push. kubectl describe kustomization.kustomize.toolkit.fluxcd.io <name> -n <namespace> shows it whole.',
    sources: [
      'https://fluxcd.io/flux/components/kustomize/kustomizations/#debugging-a-kustomization',
      'https://fluxcd.io/flux/components/kustomize/kustomizations/#conditions',
    ],
  },
  looksAt: 'cluster',
  async look(world) {
    const { kustomizations } = await fluxHere(world)
    const working = kustomizations.filter((each) => stateOf(each) === 'working')
    const failing = kustomizations.filter((each) => stateOf(each) === 'failing')
    const told = await Promise.all(failing.map((each) => tell(world, each, kustomizations)))
    return [...working.map((each) => atWork(each)), ...told.flat()]
  },
}

function atWork(kustomization: FluxKustomization): NotSeen {
  return { notSeen: nameOfKustomization(kustomization), why: 'Flux is at work on it: whether it will be Ready is not known yet.' }
}

async function tell(
  world: DoctorWorld,
  kustomization: FluxKustomization,
  all: readonly FluxKustomization[],
): Promise<(Finding | NotSeen)[]> {
  if (isWaiting(kustomization)) {
    if (leadsToFailing(kustomization, all)) return []
    if (!waitsForSuspended(kustomization, all)) return [atWork(kustomization)]
  }
  const verdict = verdictOf(asObject(kustomization))
  if (verdict === undefined) return []
  const { cause, message, fix = [] } = await withServedVersions(world.cluster, verdict)
  const { namespace, name } = kustomization
  return [
    {
      about: nameOfKustomization(kustomization),
      why: cause ?? (message === '' ? 'It is not Ready, and does not say why.' : message),
      fix: [...fix, `kubectl describe kustomization.kustomize.toolkit.fluxcd.io ${name} -n ${namespace}`],
      ...(waitsOnlyForWhatIsJudged(kustomization) && { severity: 'warning' }),
    },
  ]
}

function isWaiting({ ready, stalled }: FluxKustomization): boolean {
  return stalled?.status !== 'True' && ready?.reason === 'DependencyNotReady'
}

/** One that fails of itself stands behind it, and that one is told. */
function leadsToFailing(kustomization: FluxKustomization, all: readonly FluxKustomization[]): boolean {
  return neededBy(kustomization, all).some((each) => stateOf(each) === 'failing' && !isWaiting(each))
}

function waitsForSuspended(kustomization: FluxKustomization, all: readonly FluxKustomization[]): boolean {
  const needed = neededBy(kustomization, all)
  // One that isn't there is missing for good, and those that wait for each other do so for ever.
  const isMissing = [kustomization, ...needed].some(({ dependsOn }) => dependsOn.some((each) => find(each, all) === undefined))
  return isMissing || needed.includes(kustomization) || needed.some(({ suspended }) => suspended)
}

/** All that it depends on, directly or not; itself among them where it goes round. */
function neededBy(kustomization: FluxKustomization, all: readonly FluxKustomization[]): FluxKustomization[] {
  const found = new Set<FluxKustomization>()
  const follow = (one: FluxKustomization) => {
    for (const reference of one.dependsOn) {
      const needed = find(reference, all)
      if (needed === undefined || found.has(needed)) continue
      found.add(needed)
      follow(needed)
    }
  }
  follow(kustomization)
  return [...found]
}

function find(reference: { namespace: string; name: string }, all: readonly FluxKustomization[]): FluxKustomization | undefined {
  return all.find(({ namespace, name }) => namespace === reference.namespace && name === reference.name)
}

/** Stores, ExternalSecrets and what runs: each has a check of its own, and that one says why. */
function waitsOnlyForWhatIsJudged({ ready }: FluxKustomization): boolean {
  const [, list = ''] = /(?:timeout waiting for|stalled resources): \[(.*)\]/s.exec(ready?.message ?? '') ?? []
  const named = list.split(/,\s*/).filter((each) => each !== '')
  return ready?.reason === 'HealthCheckFailed' && named.length > 0 && named.every((each) => judged.test(each))
}

const judged = /^(HelmRelease|ClusterSecretStore|SecretStore|ExternalSecret|Deployment)\//

function asObject({ namespace, name, ready, stalled }: FluxKustomization): KubernetesObject {
  const conditions = [ready, stalled].filter((each) => each !== undefined)
  return { apiVersion: 'kustomize.toolkit.fluxcd.io/v1', kind: 'Kustomization', metadata: { namespace, name }, status: { conditions } }
}
