import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { fluxBranch } from '../../../src/doctor/cluster/flux-branch.ts'
import { fluxRevision } from '../../../src/doctor/cluster/flux-revision.ts'
import type { DoctorWorld } from '../../../src/doctor/world.ts'
import { openStage, type Stage } from '../../commands/init/stage.ts'
import { templates } from '../../commands/init/trees.ts'
import { clusterWorld, found } from '../worlds.ts'

let stage: Stage
let first: string
beforeAll(async () => {
  stage = await openStage({ files: await templates() })
  first = (await stage.git('rev-parse', 'HEAD')).trim()
})
afterAll(() => stage?.close())

async function world(on: Stage = stage): Promise<DoctorWorld> {
  const { close, ...here } = await clusterWorld(on)
  onTestFinished(() => close())
  return here
}

async function commit(text: string): Promise<void> {
  await stage.edit({ 'notes.txt': text })
  await stage.git('add', 'notes.txt')
  await stage.git('commit', '--quiet', '--message', text)
}

/** Back to the commit that Flux has fetched. */
async function back(): Promise<void> {
  await stage.git('switch', '--quiet', 'main')
  await stage.git('reset', '--quiet', '--hard', first)
}

describe('flux-branch', () => {
  it('is true on the branch that Flux follows, and where none is checked out', async () => {
    expect(await fluxBranch.look(await world())).toEqual([])
    await stage.git('switch', '--quiet', '--detach')
    expect(await fluxBranch.look(await world())).toEqual([])
    await back()
  })

  it('finds a working tree on another branch', async () => {
    await stage.git('switch', '--quiet', '--create', 'an-idea')
    expect(await fluxBranch.look(await world())).toEqual([
      {
        about: 'the working tree',
        why: 'It is on the branch an-idea; GitRepository flux-system/flux-system follows main. What is committed here reaches the cluster when it is merged.',
        fix: ['git switch main'],
      },
    ])
    await back()
  })

  it('says nothing of a working tree of another repository', async () => {
    await stage.git('switch', '--quiet', '--orphan', 'elsewhere')
    await stage.git('commit', '--quiet', '--allow-empty', '--message', 'another one')
    const here = await world()
    const repository = await here.live.repository()
    if (repository === undefined) throw new Error('there is no repository')
    const other = { ...repository, distance: async () => undefined, remotes: async () => [] }
    const live = { ...here.live, repository: async () => other }
    expect(await fluxBranch.look({ ...here, live })).toEqual([])
    expect(await fluxRevision.look({ ...here, live })).toEqual([])
    await back()
  })

  it.each([
    ['tag-source', 'GitRepository flux-system/flux-system', 'follows the tag v1.0.0, not a branch'],
    ['oci-source', 'OCIRepository flux-system/flux-system', 'not from git'],
  ])('finds a source that no push moves: %s', async (scenario, about, why) => {
    const pinned = await openStage({ scenario, files: await templates() })
    onTestFinished(() => pinned.close())
    const all = await fluxBranch.look(await world(pinned))
    expect(all).toMatchObject([
      { about, why: expect.stringContaining(why), fix: [expect.stringContaining('eso-bootstrap init --offline'), {}] },
    ])
  })
})

describe('flux-revision', () => {
  it('is true of a working tree that is as Flux has it, and outside of one', async () => {
    const here = await world()
    expect(await fluxRevision.look(here)).toEqual([])
    expect(await fluxRevision.look({ ...here, live: { ...here.live, repository: async () => undefined } })).toEqual([])
  })

  it('finds commits that were not pushed, and those that are missing here', async () => {
    await commit('one')
    expect(found(await fluxRevision.look(await world()))).toEqual(['the working tree: A commit was not pushed: Flux does not know of it.'])
    await stage.git('push', '--quiet')
    await stage.git('reset', '--quiet', '--hard', first)
    const source = stage.sandbox.api.store.list({ group: 'source.toolkit.fluxcd.io', kind: 'GitRepository' })[0]
    if (source === undefined) throw new Error('there is no source')
    const annotations = { 'reconcile.fluxcd.io/requestedAt': 'now' }
    stage.sandbox.api.store.put({ ...source, metadata: { ...source.metadata, annotations } }, 'a-person')
    await stage.sandbox.settled()
    expect(await fluxRevision.look(await world())).toMatchObject([
      { about: 'the working tree', why: expect.stringContaining('It lacks a commit that Flux has fetched'), fix: ['git pull'] },
    ])
    await commit('two')
    expect((await fluxRevision.look(await world())).flatMap((each) => ('fix' in each ? each.fix : []))).toEqual([
      'git push',
      'git pull --rebase',
    ])
    await stage.git('reset', '--quiet', '--hard', 'origin/main')
    expect(await fluxRevision.look(await world())).toEqual([])
  })

  it('is not known while this clone lacks the commit', async () => {
    const here = await world()
    const repository = await here.live.repository()
    if (repository === undefined) throw new Error('there is no repository')
    const live = { ...here.live, repository: async () => ({ ...repository, distance: async () => undefined }) }
    expect(await fluxRevision.look({ ...here, live })).toMatchObject([{ notSeen: 'the working tree' }])
  })

  it('finds a Flux Kustomization that has lagged behind for long; one that works, fails or is suspended is told elsewhere', async () => {
    const here = await world()
    const view = await here.live.flux()
    const lagging = (state: object = {}): DoctorWorld['live'] => {
      const kustomizations = view.kustomizations.map((each) => ({ ...each, lastAppliedRevision: `main@sha1:${'0'.repeat(40)}`, ...state }))
      return { ...here.live, flux: async () => ({ ...view, kustomizations }) }
    }
    const later = new Date(Date.now() + 10 * 60_000)
    expect(await fluxRevision.look({ ...here, live: lagging() })).toEqual([])
    const all = found(await fluxRevision.look({ ...here, now: later, live: lagging() }))
    expect(all).toHaveLength(2)
    expect(all[0]).toMatch(/^Kustomization flux-system\/external-secrets: It has applied 00000000; Flux fetched [0-9a-f]{8} at .*Z\.$/)
    const failed = { type: 'Ready', status: 'False' as const }
    for (const state of [{ suspended: true }, { ready: undefined }, { ready: failed }])
      expect(await fluxRevision.look({ ...here, now: later, live: lagging(state) })).toEqual([])
  })
})
