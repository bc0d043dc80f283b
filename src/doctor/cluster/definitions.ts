import { Failure } from '../../failure.ts'
import { customResourceDefinitions } from '../../kubernetes/resources.ts'
import { isEstablished } from '../../kubernetes/served.ts'
import { withoutDefinitions } from '../../steps/operator.ts'
import { type ClusterCheck, type Finding, findingOf } from '../check.ts'
import type { DoctorWorld } from '../world.ts'
import { heldUp } from './held-up.ts'
import { operatorTold } from './operator.ts'

const group = 'external-secrets.io'
const kinds = ['ClusterSecretStore', 'SecretStore', 'ExternalSecret']

/** What Flux still has to bring is told by Flux's checks. */
export const crdsServed: ClusterCheck = {
  id: 'crds-served',
  category: 'operator',
  title: 'the cluster serves the API of External Secrets',
  severity: 'error',
  needs: ['flux-installed', 'operator-apart', 'operator-runs'],
  page: {
    symptom: 'no matches for kind "ClusterSecretStore" in version "external-secrets.io/v1"; kubectl knows no externalsecrets.',
    cause:
      'The chart was installed with installCRDs: false and nothing else brought its CustomResourceDefinitions, or they were deleted with the release, or are stuck in deletion.',
    fix: 'Set installCRDs: true in the values of the HelmRelease, commit and push; install.crds of the HelmRelease has no effect on this chart.',
    sources: [
      'https://external-secrets.io/latest/introduction/getting-started/',
      'https://github.com/external-secrets/external-secrets/blob/main/deploy/charts/external-secrets/values.yaml',
    ],
  },
  looksAt: 'cluster',
  async look(world) {
    const served = await Promise.all(kinds.map((kind) => world.cluster.served(group, kind)))
    const missing = kinds.filter((_, at) => served[at]?.length === 0)
    if (missing.length === 0) return []
    const held = await heldUp(world)
    if (held !== undefined) return [{ notSeen: `the API ${group}`, why: held }]
    const found = await Promise.all(missing.map((kind) => unserved(world, kind)))
    if (missing.length === kinds.length && found.every((each) => each === undefined)) return [await allMissing(world)]
    const needed = await neededOf(world, missing)
    return missing.flatMap((kind, at) => found[at] ?? (needed.includes(kind) ? [absent(kind)] : []))
  },
}

/** A chart may leave one kind of store out (`crds.createSecretStore`), and ExternalSecrets live by the other. */
async function neededOf({ places }: DoctorWorld, missing: readonly string[]): Promise<string[]> {
  const folder = await places.folder().catch(notRead)
  const stores = missing.filter((kind) => kind !== 'ExternalSecret')
  return missing.filter((kind) => !stores.includes(kind) || stores.length === 2 || folder?.stores.some((store) => store.kind === kind))
}

async function allMissing(world: DoctorWorld): Promise<Finding> {
  const { facts } = await operatorTold(world)
  const about = 'External Secrets Operator'
  if (facts?.workloads.length !== 0) return findingOf(about, withoutDefinitions())
  return { about, why: 'Its CRDs are not on this cluster.', fix: ['eso-bootstrap init'] }
}

/** A definition that is there, and of which nothing is served all the same. */
async function unserved({ cluster, signal }: DoctorWorld, kind: string): Promise<Finding | undefined> {
  const name = `${kind.toLowerCase()}s.${group}`
  const definition = await cluster.get(customResourceDefinitions, name, undefined, signal)
  if (definition === undefined) return undefined
  const why =
    definition.metadata.deletionTimestamp !== undefined
      ? `It is being deleted, and all ${kind} objects with it: what has a finalizer keeps it.`
      : isEstablished(definition)
        ? 'None of its versions is served.'
        : 'The API server has not accepted its names.'
  return { about: `CustomResourceDefinition ${name}`, why, fix: [`kubectl describe crd ${name}`] }
}

function absent(kind: string): Finding {
  const name = `${kind.toLowerCase()}s.${group}`
  const why = 'It is missing, while others of the same chart are there.'
  return {
    about: `CustomResourceDefinition ${name}`,
    why,
    fix: ['kubectl get helmreleases -A', 'flux reconcile helmrelease <name> -n <namespace> --force'],
  }
}

function notRead(error: unknown): undefined {
  if (!(error instanceof Failure)) throw error
}
