import { afterEach, beforeEach, expect, it } from 'vitest'
import { podsHealthy } from '../../../src/doctor/security/pods.ts'
import { deployment, type Ground, openGround, operator, waitingPod } from '../cluster/ground.ts'

const name = 'onepassword-connect'
const now = new Date('2026-03-01T09:00:00Z')
let here: Ground
beforeEach(async () => {
  here = await openGround()
})
afterEach(() => here.close())

const connect = (ready: number) => deployment(name, { image: '1password/connect-api:1.8.1', ready })
const pod = (status: object) => ({ ...waitingPod(name, {}), status })
const restarted = (restartCount: number, terminated: object) => ({
  containerStatuses: [{ name: 'main', restartCount, state: { running: {} }, lastState: { terminated } }],
})

it.each<[string, object]>([
  ['runs', restarted(0, {})],
  ['is being created', { containerStatuses: [{ name: 'main', state: { waiting: { reason: 'ContainerCreating' } } }] }],
  ['has restarted often, long ago', restarted(9, { reason: 'Error', finishedAt: '2026-02-01T09:00:00Z' })],
  ['has restarted once', restarted(1, { reason: 'Error', finishedAt: '2026-03-01T08:00:00Z' })],
])('is true of a pod that %s', async (_, status) => {
  here.put(connect(1), pod(status))
  expect(await podsHealthy.look(here.world({}, now))).toEqual([])
})

it.each(['ImagePullBackOff', 'CrashLoopBackOff', 'CreateContainerConfigError'])('finds %s', async (reason) => {
  here.put(connect(0), waitingPod(name, { reason }))
  const [finding] = await podsHealthy.look(here.world())
  expect(finding).toMatchObject({ about: `Pod external-secrets/${name}-1`, why: `The container main waits: ${reason}.` })
  expect(finding).not.toHaveProperty('severity')
})

it('finds a pod without a node', async () => {
  here.put(connect(0), pod({ conditions: [{ type: 'PodScheduled', status: 'False', message: '0/1 nodes are available' }] }))
  expect(await podsHealthy.look(here.world())).toMatchObject([{ why: 'A pod finds no node: 0/1 nodes are available' }])
})

it('warns where a pod of before does the work, and of what runs again', async () => {
  here.put(connect(1), waitingPod(name, { reason: 'ImagePullBackOff' }))
  expect(await podsHealthy.look(here.world())).toMatchObject([{ severity: 'warning' }])
  here.put(pod(restarted(1, { reason: 'OOMKilled' })))
  expect(await podsHealthy.look(here.world())).toMatchObject([{ severity: 'warning', why: expect.stringContaining('more memory') }])
  here.put(pod(restarted(7, { reason: 'Error', finishedAt: '2026-03-01T08:00:00Z' })))
  expect(await podsHealthy.look(here.world({}, now))).toMatchObject([
    { severity: 'warning', why: expect.stringContaining('restarted 7 times') },
  ])
})

it("leaves it to operator-runs why the operator doesn't run", async () => {
  here.put(...operator('2.9.0', { ready: 0 }), waitingPod('external-secrets', { reason: 'ImagePullBackOff' }))
  expect(await podsHealthy.look(here.world())).toEqual([])
})
