import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Exit, exitCodes } from '../../../src/failure.ts'
import type { KubernetesObject } from '../../../src/kubernetes/object.ts'
import type { Rule } from '../../../src/sandbox/api/access.ts'
import { type Kind, kindOf, kinds } from '../../../src/sandbox/kinds.ts'
import { findCanary } from '../../canary.ts'
import type { Flags } from '../init/stage.ts'
import type { RunOptions } from '../run.ts'
import { reportIn } from './schema.ts'
import { openRotation, type Rotation, words } from './stage.ts'

/** Something that is wrong, and how a rotation has to answer it: with this and nothing else, having written nothing. */
export interface Row {
  /** What is wrong. */
  wrong: string
  /** Makes it so, and says where the command line differs from the usual one. */
  // biome-ignore lint/suspicious/noConfusingVoidType: most rows only change something, and say nothing
  with?: (at: At) => Promise<Given | void> | Given | void
  exit: Exit
  id: string
  /** Exactly. What differs from run to run stands as `<id>`, `<time>`, `<here>` and `<server>`. */
  what: string
  why?: string
  /** The beginning of one of the ways out. */
  fix: string
}

export interface Given {
  flags?: Flags
  /** In the place of `rotate-token`. */
  command?: 'rotate-token' | 'rotate-credentials'
  options?: RunOptions
  /** Secrets that no output may hold, beside the tokens. */
  secrets?: readonly string[]
  /** Milliseconds in which it has to be over. */
  within?: number
}

/** The sandbox of a row; what is changed in the cluster is put back at the end. */
export interface At extends Rotation {
  /** The usual new token: a good one. */
  token: { path: string; value: string }
  file(name: string, content: string): Promise<string>
  put(object: KubernetesObject): Promise<void>
  remove(kind: Kind, namespace: string | undefined, name: string): Promise<void>
  /** The object with these fields, merged one deep. */
  change(kind: Kind, namespace: string | undefined, name: string, change: Record<string, object | string | boolean>): Promise<void>
  /** The same as somebody who may do no more than this. */
  as(...rules: Rule[]): Promise<RunOptions>
  /** What answers to a port-forward in the place of Connect. */
  connectAnswers(status: number, body: string): Promise<void>
}

export const tokenSecret = [kinds.secret, 'external-secrets', 'onepassword-connect-token'] as const

/** A test for each row, against one sandbox; a first one shows that the usual is not refused. */
export function refuses(rows: readonly Row[]): void {
  let rotation: Rotation
  let token: At['token']
  beforeAll(async () => {
    rotation = await openRotation()
    token = await rotation.newToken()
  })
  afterAll(() => rotation?.close())
  const inPlace = async (work: (at: At) => Promise<void>) => {
    const { at, restore } = placeIn(rotation, token)
    await work(at).finally(restore)
  }
  test('without any of it, nothing is refused', () =>
    inPlace(async (at) => {
      expect(await at.rotate({ token: at.token.path, 'dry-run': true })).toMatchObject({ code: exitCodes.done })
    }))
  test.each(rows)('$wrong: $id', (row) => inPlace((at) => refused(row, at)))
}

function placeIn(rotation: Rotation, token: At['token']): { at: At; restore(): Promise<void> } {
  const { api, folder } = rotation.sandbox
  const before: (() => void)[] = []
  const remember = (kind: Kind, namespace: string | undefined, name: string) => {
    const old = api.store.get(kind, namespace, name)
    before.push(() => (old === undefined ? api.store.remove(kind, namespace, name) : void api.store.commit(old)))
    return old
  }
  const file = async (name: string, content: string) => {
    const path = join(folder, name)
    await writeFile(path, content, { mode: 0o600 })
    return path
  }
  const put = async (object: KubernetesObject) => {
    remember(kindOf(object), object.metadata.namespace, object.metadata.name)
    api.store.put(object, 'a-person')
    await rotation.sandbox.settled()
  }
  const at: At = {
    ...{ ...rotation, token, file, put },
    async remove(kind, namespace, name) {
      remember(kind, namespace, name)
      api.store.remove(kind, namespace, name)
      await rotation.sandbox.settled()
    },
    async change(kind, namespace, name, change) {
      const old = api.store.get(kind, namespace, name)
      if (old === undefined) throw new Error(`the sandbox has no ${kind.kind} ${name}`)
      const changed = Object.entries(change).map(([key, value]) => [key, typeof value === 'object' ? { ...old[key], ...value } : value])
      await put({ ...old, ...Object.fromEntries(changed) })
    },
    async as(...rules) {
      api.allow('somebody', rules)
      return { env: { KUBECONFIG: await file('somebody', api.kubeconfig('somebody')) } }
    },
    async connectAnswers(status, body) {
      const server = createServer((_, response) => response.writeHead(status).end(body))
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      api.setListening(() => (server.address() as AddressInfo).port)
      before.push(() => {
        api.setListening(() => Number(new URL(rotation.sandbox.connect()[0]?.url ?? '').port))
        server.close()
      })
    },
  }
  const restore = async () => {
    for (const undo of before.reverse()) undo()
    await rotation.sandbox.settled()
  }
  return { at, restore }
}

async function refused(row: Row, at: At): Promise<void> {
  const { flags, command = 'rotate-token', options, secrets = [], within }: Given = (await row.with?.(at)) ?? {}
  await at.sandbox.settled()
  const before = at.sandbox.api.store.get(...tokenSecret)
  at.requests()
  const begun = new Date()
  const world = { now: () => begun, ...options }
  const line = (more: Flags) => [command, ...words({ yes: true, token: at.token.path, ...flags, ...more })]
  // Neither writes, so neither sees the other.
  const [human, json] = await Promise.all([at.command(line({}), world).ended, at.command(line({ output: 'json' }), world).ended])
  if (within !== undefined) expect(Date.now() - begun.getTime()).toBeLessThan(within)

  const report = reportIn(json)
  const errors = [...report.clusters.flatMap((each) => each.errors), ...report.errors]
  const [told] = errors.map((error) => JSON.parse(neutral(JSON.stringify(error), at)))
  expect(errors).toHaveLength(1)
  expect(told).toMatchObject({ id: row.id, what: row.what, ...(row.why === undefined ? {} : { why: row.why }) })
  expect(told.fix).toContainEqual(expect.stringMatching(startingWith(row.fix)))
  const code = exitCodes[row.exit]
  expect({ human: human.code, json: json.code, exitCode: report.exitCode }).toEqual({ human: code, json: code, exitCode: code })
  expect(report.clusters.filter(({ verdict }) => verdict !== 'blocked')).toEqual([])

  const [error] = errors
  const flat = (text: string) => text.replace(/\s+/g, '')
  expect(flat(human.stderr)).toContain(flat(`✖ ${error?.what} ${error?.why ?? ''} ${error?.fix.map((each) => `→ ${each}`).join(' ')}`))
  expect(human.stdout).toBe('')
  const tokens = [at.held() ?? '', at.token.value].filter(Boolean)
  for (const { stdout, stderr } of [human, json]) {
    expect(findCanary(stdout + stderr, [...tokens, ...secrets, at.sandbox.api.token()])).toEqual([])
    expect(stdout + stderr).not.toContain('\u001b')
  }
  expect(at.writes()).toEqual([])
  expect(at.sandbox.api.store.get(...tokenSecret)).toEqual(before)
}

function neutral(text: string, { sandbox }: Rotation): string {
  return text
    .replaceAll(sandbox.api.url, '<server>')
    .replaceAll(sandbox.folder, '<here>')
    .replace(/\b(?=[a-z2-7]*[2-7])[a-z2-7]{26}\b/g, '<id>')
    .replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/g, '<time>')
}

function startingWith(text: string): RegExp {
  return new RegExp(`^${text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`)
}
