import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, inject } from 'vitest'
import type { RequestRecord } from '../../../src/sandbox/api/requests.ts'
import type { Call } from '../../commands/rotate/calls.ts'
import type { Ground } from '../../commands/rotate/ground.ts'
import { when } from '../../commands/rotate/mishaps.ts'

const whole = ['rotate-token', '--yes', '--mint', '--revoke-old', '--all', '--output', 'json']

/** A rotation in a process of its own, of the packed program, that is killed when a call arrives: before it is done, or after. False if the call didn't come. */
export async function killedAt(ground: Ground, call: Call, moment: 'before' | 'after', words = whole): Promise<boolean> {
  const { sandbox, op } = ground
  const env = { ...ground.env, PATH: op.path } as NodeJS.ProcessEnv
  const child = spawn(process.execPath, [inject('program'), ...words], { cwd: sandbox.repository, env, stdio: 'ignore' })
  let on = true
  const kill = () => child.kill('SIGKILL')
  const stop = when(ground, call, ({ record }) => {
    if (moment === 'before') {
      if (record !== undefined) neverDone(ground, record, () => on)
      else if (call.of === 'op') op.goWrong({ instead: {} })
      else ground.relay.goWrong('fails')
      kill()
      return
    }
    // It sees no answer: it is stopped until there is one.
    child.kill('SIGSTOP')
    if (record !== undefined) onAnswer(record, kill)
    else ground.relay.whenIdle(kill)
  })
  const [code, signal] = await once(child, 'exit')
  on = false
  op.goWrong(undefined)
  const hasCome = stop()
  expect([code, signal]).toEqual(hasCome ? [null, 'SIGKILL'] : [0, null])
  await sandbox.settled()
  return hasCome
}

function neverDone({ sandbox }: Ground, { verb, path }: RequestRecord, isOn: () => boolean): void {
  const match = {
    verb,
    get path() {
      return isOn() ? path : ''
    },
  }
  sandbox.api.inject({ match, answer: 'drop' })
}

function onAnswer(record: RequestRecord, act: () => void): void {
  let status = record.status
  Object.defineProperty(record, 'status', {
    get: () => status,
    set(value: number) {
      status = value
      act()
    },
  })
}
