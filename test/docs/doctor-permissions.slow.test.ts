import { expect, it } from 'vitest'
import type { Rule } from '../../src/sandbox/api/access.ts'
import { openDoctor } from '../commands/doctor/stage.ts'
import { granted, wordsOf } from './asked.ts'
import { doctor } from './roles.ts'

/** Together they ask for all of it. */
const states = ['set-up', 'item-missing', 'other-server-token', 'wide-rbac', 'encryption-off', 'webhook-down']

it('the permissions of docs/reference for doctor are enough, and hold nothing that is not asked for', async () => {
  const asked = new Set<string>()
  for (const state of states) {
    const at = await openDoctor(state)
    const all = await at.found()
    const kubeconfig = await at.user('doctor', doctor as Rule[])
    at.requests()
    expect(await at.found(['--kubeconfig', kubeconfig])).toEqual(all)
    const requests = at.requests()
    expect(requests.filter(({ status }) => status === 403).map(({ path }) => path)).toEqual([])
    for (const each of requests) asked.add(wordsOf(each) ?? '')
  }
  // Asked for by an access review only, before a port is forwarded.
  expect(granted(doctor).filter((each) => !asked.has(each))).toEqual(['create pods/portforward in external-secrets'])
}, 120_000)
