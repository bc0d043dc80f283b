import { describe, expect, it } from 'vitest'
import { type Exit, Failure } from '../../src/failure.ts'
import { insist } from '../../src/kubernetes/insist.ts'
import type { KubernetesObject } from '../../src/kubernetes/object.ts'

const failure = (id: string, exit: Exit = 'blocked') => new Failure({ id, exit, what: `${id}.` })
const at = (resourceVersion: string): KubernetesObject => ({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 's', resourceVersion } })

/** What the look finds and the write answers, one after the other. */
function script(steps: readonly [look: KubernetesObject | Failure, write?: KubernetesObject | Failure][]) {
  const left = [...steps]
  const said: string[] = []
  const give = async (what: KubernetesObject | Failure | undefined) => {
    if (what instanceof Failure || what === undefined) throw what ?? new Error('nobody expected this')
    return what
  }
  let write: KubernetesObject | Failure | undefined
  return {
    said,
    wanted: {
      async look() {
        const [look, next] = left.shift() ?? []
        write = next
        said.push('look')
        return give(look)
      },
      isThere: (found: KubernetesObject | undefined) => found?.metadata.resourceVersion === 'wanted',
      async write(found: KubernetesObject | undefined) {
        said.push(`write over ${found?.metadata.resourceVersion}`)
        return give(write)
      },
    },
  }
}

async function insisted(steps: Parameters<typeof script>[0]) {
  const { wanted, said } = script(steps)
  const ended = insist('the Secret s', wanted, [0, 0, 0, 0]).then(
    (found) => found?.metadata.resourceVersion,
    (error) => error.id ?? error,
  )
  return { ended: await ended, said }
}

describe('insisting', () => {
  it('writes nothing where all is as wanted', async () => {
    expect(await insisted([[at('wanted')]])).toEqual({ ended: 'wanted', said: ['look'] })
  })

  it('writes once where that is answered', async () => {
    expect(await insisted([[at('1'), at('2')]])).toEqual({ ended: '2', said: ['look', 'write over 1'] })
  })

  it.each(['server-error', 'server-unreachable', 'server-timeout', 'not-an-api-server'])(
    'looks after %s, and finds it done',
    async (id) => {
      expect(await insisted([[at('1'), failure(id)], [at('wanted')]])).toMatchObject({
        ended: 'wanted',
        said: ['look', 'write over 1', 'look'],
      })
    },
  )

  it('writes again over the same version what was not done: so the first can not arrive any more', async () => {
    const { ended, said } = await insisted([
      [at('1'), failure('server-timeout')],
      [at('1'), at('2')],
    ])
    expect(ended).toBe('2')
    expect(said).toEqual(['look', 'write over 1', 'look', 'write over 1'])
  })

  it('looks anew when somebody else was faster', async () => {
    expect(
      (
        await insisted([
          [at('1'), failure('changed-meanwhile')],
          [at('2'), at('3')],
        ])
      ).ended,
    ).toBe('3')
  })

  it('does not write when it can not look', async () => {
    const { ended, said } = await insisted([[failure('server-unreachable')], [at('1'), at('2')]])
    expect(ended).toBe('2')
    expect(said).toEqual(['look', 'look', 'write over 1'])
  })

  it('ends with a refusal, and with what the look refuses', async () => {
    expect((await insisted([[at('1'), failure('forbidden', 'refused')]])).ended).toBe('forbidden')
    expect((await insisted([[failure('changed-meanwhile', 'busy')]])).ended).toBe('changed-meanwhile')
  })

  it('says that it does not know, after five attempts of which one was never answered', async () => {
    const lost: [KubernetesObject, Failure] = [at('1'), failure('server-unreachable')]
    const { ended, said } = await insisted([lost, lost, lost, lost, lost])
    expect(ended).toBe('outcome-unknown')
    expect(said.filter((each) => each === 'look')).toHaveLength(5)
    const gone: [Failure] = [failure('server-unreachable')]
    expect((await insisted([lost, gone, gone, gone, gone])).ended).toBe('outcome-unknown')
    expect((await insisted([lost, [at('1'), failure('forbidden', 'refused')]])).ended).toBe('outcome-unknown')
    expect((await insisted([lost, [failure('unauthorized', 'refused')]])).ended).toBe('outcome-unknown')
  })

  it('knows that nothing was written, if it could never look, or what was sent was overtaken', async () => {
    const gone: [Failure] = [failure('server-unreachable')]
    expect((await insisted([gone, gone, gone, gone, gone])).ended).toBe('server-unreachable')
    const lost: [KubernetesObject, Failure] = [at('1'), failure('server-unreachable')]
    const overtaken: [KubernetesObject, Failure] = [at('1'), failure('changed-meanwhile')]
    expect((await insisted([lost, overtaken, [failure('changed-meanwhile', 'busy')]])).ended).toBe('changed-meanwhile')
  })
})
