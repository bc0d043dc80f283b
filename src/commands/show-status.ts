import { isDeepStrictEqual } from 'node:util'
import { unlessAborted } from '../engine/unless-aborted.ts'
import { Failure } from '../failure.ts'
import { openRepository, type Repository } from '../git/repository.ts'
import type { Cluster } from '../kubernetes/cluster.ts'
import { withoutSources } from '../onepassword/source.ts'
import { watchChanges } from '../status/changes.ts'
import { collect, type Status } from '../status/collect.ts'
import { folderOf } from '../status/folder.ts'
import { openStatus } from '../status/open.ts'
import { writeBlock } from '../status/write.ts'
import type { StatusInputs } from '../status-inputs.ts'
import { refuseOther } from '../steps/cluster.ts'
import { once } from '../steps/once.ts'
import { openCluster } from '../steps/open-cluster.ts'
import type { Io } from '../terminal/io.ts'
import type { StatusView } from '../terminal/status-view.ts'

interface StatusRun {
  io: Io
  view: StatusView
  signal: AbortSignal
}

/** Looks once, or with `--watch` whenever something changes. Gives the exit code. */
export async function showStatus(inputs: StatusInputs, { io, view, signal }: StatusRun): Promise<number> {
  const env = withoutSources(io.env, [])
  const { cluster, close } = openCluster(inputs, { env, home: io.home })
  try {
    const chosen = await cluster()
    refuseOther(chosen, inputs.expectCluster, 'status')
    const repository = once(() => openRepository(inputs.repo, env, signal).catch(noRepository))
    const look = () => lookOnce(chosen, inputs, { repository, now: io.now(), signal })
    if (inputs.watch) return await watch(chosen, look, { live: view.live(inputs), signal })
    const { status, folder } = await unlessAborted(look(), signal)
    if (!inputs.write) return view.shown(status, inputs)
    const { renderMarkdown } = await import('../terminal/status-markdown.ts')
    const written = await writeBlock(await repository(), await folder(), renderMarkdown(status))
    return view.shown(status, { short: inputs.short, written })
  } finally {
    await close()
  }
}

interface At {
  repository(): Promise<Repository | undefined>
  now: Date
  signal: AbortSignal
}

async function lookOnce(cluster: Cluster, inputs: StatusInputs, at: At): Promise<{ status: Status; folder(): Promise<string> }> {
  const world = openStatus(cluster, { ...at, inputs })
  return {
    status: await collect(world),
    folder: async () => folderOf({ repository: await at.repository(), inputs }, await world.flux()),
  }
}

/** Shows what is, and what it becomes with every change, until Ctrl-C; that is how it is meant to end. */
async function watch(
  cluster: Cluster,
  look: () => ReturnType<typeof lookOnce>,
  { live, signal }: { live: ReturnType<StatusView['live']>; signal: AbortSignal },
): Promise<number> {
  const changes = watchChanges(cluster, signal)
  let shown: unknown
  try {
    for (;;) {
      const began = performance.now()
      const { status } = await unlessAborted(look(), signal)
      // A large cluster changes all the time, and is not to be read all the time.
      const pause = Math.max(100, 3 * (performance.now() - began))
      if (!isDeepStrictEqual(timeless(status), shown)) live.show(status)
      shown = timeless(status)
      await changes.extend((status.tokens ?? []).map(({ secret }) => secret))
      await changes.next(pause)
    }
  } catch (error) {
    if (signal.aborted) return 0
    throw error
  } finally {
    live.end()
  }
}

/** What makes two looks differ: not when they were, nor that ExternalSecrets were synchronised again. */
function timeless({ at: _, externalSecrets, ...rest }: Status): unknown {
  const { oldest: __, ...counts } = externalSecrets ?? {}
  return { ...rest, externalSecrets: counts }
}

function noRepository(error: unknown): undefined {
  if (!(error instanceof Failure && (error.id === 'not-a-repository' || error.id === 'git-missing'))) throw error
}
