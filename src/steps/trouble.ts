import { Failure } from '../failure.ts'
import type { Cluster } from '../kubernetes/cluster.ts'
import { lastEvents } from '../kubernetes/events.ts'
import { condition, type KubernetesObject } from '../kubernetes/object.ts'
import { pods } from '../kubernetes/resources.ts'
import { recognise, type Setting, type Trouble } from '../onepassword/troubles.ts'
import { quote } from '../text/quote.ts'
import type { Part } from './readiness.ts'
import type { ClusterWorld } from './world.ts'

/** What is known of why these parts aren't Ready, from Connect's log, events and conditions. */
export async function troubleOf(world: ClusterWorld, parts: readonly Part[]): Promise<Trouble | undefined> {
  return recognise(await evidence(world, parts), await settingOf(world))
}

/** What ends a wait without telling why: our own deadline, and Flux's health checks. */
const waited = new Set(['wait-deadline', 'flux-failed'])

/** The Failure for parts that didn't become Ready: the known cause, or else the last that was said of them. */
export async function explain(world: ClusterWorld, parts: readonly Part[], error: unknown): Promise<unknown> {
  if (!(error instanceof Failure) || !waited.has(error.id)) return error
  const texts = await evidence(world, parts)
  const trouble = recognise(texts, await settingOf(world))
  if (trouble !== undefined) return new Failure(trouble)
  if (error.id !== 'wait-deadline') return error
  const last = texts.at(-1)
  const names = parts.map(({ says }) => says).join(', ')
  return new Failure({
    id: 'not-ready',
    exit: 'partly',
    what: `${names} did not become Ready within ${Math.round(world.inputs.timeout / 1000)} s.`,
    why: last === undefined ? 'Nothing was reported about it.' : `The last that was said of it: ${quote(last, 300)}`,
    fix: ['Run the same command again: it goes on from here', `eso-bootstrap ${world.command} --timeout 20m …`],
  })
}

export async function settingOf(world: ClusterWorld): Promise<Setting> {
  const token = await world.token()
  const vaults = world.command === 'init' ? world.inputs.vaults : (await world.folder()).stores.flatMap((store) => store.vaults)
  return { command: world.command, ...(token && { server: token.server }), vaults: [...new Set(vaults.map(({ key }) => key))] }
}

async function evidence(world: ClusterWorld, parts: readonly Part[]): Promise<string[]> {
  const cluster = await world.cluster()
  const isAboutConnect = parts.some(({ says }) => /Connect|SecretStore /.test(says))
  const [logs, ...told] = await Promise.all([
    isAboutConnect ? connectLogs(world, cluster) : [],
    ...parts.map((part) => said(world, cluster, part)),
  ])
  return [...logs, ...told.flat()]
}

async function said(world: ClusterWorld, cluster: Cluster, part: Part): Promise<string[]> {
  const resource = await part.resource(cluster)
  const object = resource && (await cluster.get(resource, part.at.name, part.at.namespace))
  if (object === undefined) return [`${part.says} does not exist`]
  if (isOutdated(world, object)) return [`${part.says} is as it was before: Flux has not applied the new vaults yet`]
  // Of a store only the newest: those before it were about another token, or a moment that has passed.
  const events = await lastEvents(cluster, object, /SecretStore /.test(part.says) ? 1 : 3)
  const message = (condition(object, 'Ready') ?? condition(object, 'Available'))?.message
  return [...events.filter(({ type }) => type === 'Warning').map((event) => event.message), ...(message ? [message] : [])]
}

/** A store that still names other vaults than it will: what is said of it is no news of those that were asked for. */
function isOutdated(world: ClusterWorld, object: KubernetesObject): boolean {
  const live = object['spec']?.provider?.onepassword?.vaults
  if (live === undefined || world.inputs.vaults.length === 0) return false
  const sorted = (keys: string[]) =>
    keys
      .map((key) => key.toLowerCase())
      .toSorted()
      .join('\n')
  return sorted(Object.keys(live)) !== sorted(world.inputs.vaults.map(({ key }) => key))
}

/** The last lines of Connect's containers, as far as reading them is permitted. */
async function connectLogs(world: ClusterWorld, cluster: Cluster): Promise<string[]> {
  const { connect, namespace } = await world.folder()
  if (connect === undefined) return []
  const home = connect.namespace ?? namespace
  const lines: string[] = []
  try {
    for await (const pod of cluster.list(pods, { namespace: home })) {
      if (!pod.metadata.name.startsWith(`${connect.name}-`)) continue
      lines.push(...waiting(pod))
      for (const { name } of pod['spec']?.containers ?? []) {
        const log = await cluster.log({ namespace: home, name: pod.metadata.name, container: name }, 20)
        if (log !== undefined) lines.push(...log.split('\n').filter(Boolean).toReversed())
      }
    }
  } catch (error) {
    if (!(error instanceof Failure)) throw error
  }
  return lines
}

/** Why a container doesn't run: CreateContainerConfigError, ImagePullBackOff, OOMKilled. */
function waiting(pod: KubernetesObject): string[] {
  const statuses: { name: string; state?: { waiting?: { reason?: string; message?: string } } }[] = pod['status']?.containerStatuses ?? []
  return statuses.flatMap(({ name, state }) =>
    state?.waiting?.reason ? [`container ${name} waits: ${state.waiting.reason} ${state.waiting.message ?? ''}`] : [],
  )
}
