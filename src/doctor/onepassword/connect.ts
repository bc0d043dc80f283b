import type { KubernetesObject } from '../../kubernetes/object.ts'
import { secrets } from '../../kubernetes/resources.ts'
import { podsOf } from '../../status/workload.ts'
import type { ClusterCheck, Finding } from '../check.ts'
import { isOlder } from '../older.ts'
import type { DoctorWorld } from '../world.ts'
import { heldCredentials } from './credentials-of.ts'
import { connectDeployments, connectTold, findingsOf, tokensTold } from './told.ts'

export const connectRuns: ClusterCheck = {
  id: 'connect-runs',
  category: 'connect',
  title: 'Connect runs',
  severity: 'error',
  needs: ['credentials-secret', 'pods-healthy'],
  page: {
    symptom: 'Stores are not Ready: connection refused, or i/o timeout.',
    cause: 'A pod of Connect finds no node, can not fetch its image, crashes, or waits for a Secret; or it is scaled to zero.',
    fix: 'kubectl describe pods shows what it waits for.',
    sources: ['https://kubernetes.io/docs/tasks/debug/debug-application/debug-pods/', 'https://github.com/1Password/connect/issues/76'],
  },
  looksAt: 'cluster',
  look: async (world) => findingsOf(await connectTold(world), 'connect-not-running'),
}

export const connectExists: ClusterCheck = {
  id: 'connect-exists',
  category: 'connect',
  title: 'a Deployment runs Connect here, or the stores name one elsewhere',
  severity: 'error',
  needs: ['components-listed', 'flux-ready', 'credentials-secret'],
  page: {
    symptom: 'Stores are not Ready: no such host.',
    cause: 'The Deployment of Connect is in no file that Flux builds, or somebody has deleted it.',
    fix: 'eso-bootstrap init, with --scaffold where there are no files yet.',
    sources: ['https://developer.1password.com/docs/connect/get-started/'],
  },
  looksAt: 'cluster',
  async look(world) {
    const { facts, unseen = [] } = await connectTold(world)
    if (facts === undefined) return unseen.map(({ section, why }) => ({ notSeen: section, why }))
    if (facts.workloads.length > 0 || facts.elsewhere.length > 0) return []
    return [{ about: '1Password Connect', why: 'No Deployment here runs it.', fix: ['eso-bootstrap init', 'kubectl get deployments -A'] }]
  },
}

export const connectVersion: ClusterCheck = {
  id: 'connect-version',
  category: 'connect',
  title: 'Connect is new enough for External Secrets Operator',
  severity: 'warning',
  needs: [],
  page: {
    symptom: 'Vaults or files are not found, though they are there.',
    cause: 'External Secrets Operator asks for Connect 1.5.6 or newer.',
    fix: 'Raise the tag of both images, connect-api and connect-sync, to the same newer version.',
    sources: [
      'https://external-secrets.io/latest/provider/1password-automation/',
      'https://github.com/1Password/connect/blob/main/CHANGELOG.md',
    ],
  },
  looksAt: 'cluster',
  async look(world) {
    const { facts, unseen = [] } = await connectTold(world)
    const old = (facts?.workloads ?? []).filter(({ version }) => isOlder(version, [1, 5, 6]))
    return [
      ...old.map(({ namespace, name, version }) => ({
        about: `Deployment ${namespace}/${name}`,
        why: `It runs Connect ${version}; External Secrets Operator works with 1.5.6 and newer.`,
        fix: ['Raise the tag of connect-api and connect-sync in the manifest, commit and push.'],
      })),
      ...unseen.map(({ section, why }) => ({ notSeen: section, why })),
    ]
  },
}

export const connectRestarted: ClusterCheck = {
  id: 'connect-restarted',
  category: 'connect',
  title: 'Connect has been restarted since its credentials were written, where it does not serve',
  severity: 'warning',
  explains: true,
  needs: ['credentials-encoding', 'connect-runs'],
  page: {
    symptom: 'The Secret is right, and Connect goes on refusing tokens or answering 500.',
    cause:
      'Connect reads its credentials when it starts. An environment variable, and a file that is mounted with subPath, never change in a running pod.',
    fix: 'kubectl rollout restart deployment onepassword-connect',
    sources: [
      'https://kubernetes.io/docs/concepts/configuration/secret/#using-secrets-as-environment-variables',
      'https://github.com/1Password/connect/issues/78',
    ],
  },
  looksAt: 'cluster',
  async look(world) {
    if (await serves(world)) return []
    const found = await Promise.all((await connectDeployments(world)).map((each) => stale(world, each)))
    return found.flat()
  },
}

/** Where a token is accepted the credentials are in use, whenever they were written. */
async function serves(world: DoctorWorld): Promise<boolean> {
  const { facts = [] } = await tokensTold(world)
  const asked = facts.filter(({ connect }) => connect.is !== 'not-asked')
  return asked.length === 0 || asked.some(({ connect }) => connect.is === 'accepted')
}

async function stale(world: DoctorWorld, deployment: KubernetesObject): Promise<Finding[]> {
  const { name, namespace = '' } = deployment.metadata
  const held = (await heldCredentials(world)).find((each) => each.deployment?.name === name && each.deployment.namespace === namespace)
  if (held === undefined) return []
  const [pods, secret] = await Promise.all([
    podsOf(world.live, deployment),
    world.cluster.get(secrets, held.place.name, namespace, world.signal),
  ])
  const changed = changedAt(secret, held.place.key)
  const started = pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined).flatMap(startsOf)
  if (changed === undefined || !started.some((at) => at < changed)) return []
  const why = `It has been running since before ${held.says} was last written: if the credentials were changed then, it still has those from before.`
  return [{ about: `Deployment ${namespace}/${name}`, why, fix: [`kubectl rollout restart deployment ${name} -n ${namespace}`] }]
}

/** Milliseconds: a container that starts again reads its environment again. */
function startsOf(pod: KubernetesObject): number[] {
  const statuses: { state?: { running?: { startedAt?: string } } }[] = pod['status']?.containerStatuses ?? []
  return statuses.flatMap(({ state }) => Date.parse(state?.running?.startedAt ?? '') || [])
}

/** Milliseconds; as whoever owns the key last wrote: https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management */
function changedAt(secret: KubernetesObject | undefined, key: string): number | undefined {
  const times = (secret?.metadata.managedFields ?? [])
    .filter(({ fieldsV1 }) => Object.hasOwn((fieldsV1['f:data'] ?? {}) as object, `f:${key}`))
    .map(({ time }) => Date.parse(time ?? ''))
  return times.length === 0 ? undefined : Math.max(...times)
}
