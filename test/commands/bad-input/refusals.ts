import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Exit, exitCodes } from '../../../src/failure.ts'
import { isRead } from '../../../src/sandbox/api/requests.ts'
import { type Sandbox, type SandboxOptions, startSandbox } from '../../../src/sandbox/sandbox.ts'
import { findCanary } from '../../canary.ts'
import { seedTree } from '../../sandbox/tree.ts'
import { type Ended, run } from '../run.ts'
import { type Given, type Place, placeIn } from './place.ts'

/** Something that is wrong, and how `init` has to answer it: with this and nothing else, having written nothing. */
export interface Row {
  /** What is wrong. */
  wrong: string
  /** Makes it so, and says where the command line differs from the usual one. */
  // biome-ignore lint/suspicious/noConfusingVoidType: most rows only change something, and say nothing
  with?: (at: Place) => Promise<Given | void> | Given | void
  exit: Exit
  id: string
  /** Exactly; folders that are made up stand as `<…>`, as Place says. */
  what: string
  why?: string
  /** The beginning of one of the ways out. */
  fix: string
}

/** A test for each row, against one sandbox whose repository is copied for each; a first one shows that the usual is not refused. */
export function refuses(rows: readonly Row[]): void {
  const sandbox = sandboxOf({})
  test('without any of it, nothing is refused', () =>
    inPlace(sandbox(), async (at) => {
      const ended = await run(at.commandLine({ flags: { 'dry-run': true } }), at.options({}))
      expect(ended).toMatchObject({ code: exitCodes.done })
    }))
  test.each(rows)('$wrong: $id', (row) => inPlace(sandbox(), (at) => refused(row, at)))
}

/** The same where it is the sandbox that is wrong. */
export function refusesIn(options: Partial<SandboxOptions>, rows: readonly Row[]): void {
  const sandbox = sandboxOf(options)
  test.each(rows)('$wrong: $id', (row) => inPlace(sandbox(), (at) => refused(row, at)))
}

function sandboxOf(options: Partial<SandboxOptions>): () => Sandbox {
  let sandbox: Sandbox
  beforeAll(async () => {
    sandbox = await startSandbox({ files: seedTree(), env: process.env, ...options })
  })
  afterAll(() => sandbox?.close())
  return () => sandbox
}

async function inPlace(sandbox: Sandbox, work: (at: Place) => Promise<void>): Promise<void> {
  const at = await placeIn(sandbox)
  try {
    await work(at)
  } finally {
    await at.restore()
  }
}

async function refused(row: Row, at: Place): Promise<void> {
  const given: Given = (await row.with?.(at)) ?? {}
  await at.sandbox.settled()
  const before = await at.snapshot()
  const requests = at.sandbox.api.log.length
  const asJson = { ...given, flags: { ...given.flags, output: 'json' } }
  // Neither writes, so neither sees the other.
  const [human, json] = await Promise.all([run(at.commandLine(given), at.options(given)), run(at.commandLine(asJson), at.options(asJson))])

  const { errors, exitCode, verdict } = json.json()
  const told = { id: row.id, what: row.what, ...(row.why === undefined ? {} : { why: row.why }) }
  const fixed = errors.map((error) => JSON.parse(at.neutral(JSON.stringify(error))))
  expect(fixed).toMatchObject([told])
  expect(fixed[0].fix).toContainEqual(expect.stringMatching(startingWith(row.fix)))
  expect({ human: human.code, json: json.code, exitCode, verdict }).toEqual({
    human: exitCodes[row.exit],
    json: exitCodes[row.exit],
    exitCode: exitCodes[row.exit],
    verdict: 'failed',
  })
  expectSameWords(human, errors[0])
  expect(json.stderr).toBe('')
  for (const { stdout, stderr } of [human, json]) {
    expect(findCanary(stdout + stderr, [...at.secrets(), ...(given.secrets ?? [])])).toEqual([])
    expect(stdout + stderr).not.toContain('\u001b')
  }
  expect(at.sandbox.api.log.slice(requests).filter((request) => !isRead(request))).toEqual([])
  expect(await at.snapshot()).toEqual(before)
}

/** What the document says is what a person reads, between whatever line breaks. */
function expectSameWords(human: Ended, error: { what: string; why?: string; fix: string[] } | undefined): void {
  const flat = (text: string) => text.replace(/\s+/g, '')
  const read = flat(human.stderr + human.stdout)
  expect(read).toContain(flat(`✖ ${error?.what} ${error?.why ?? ''} ${error?.fix.map((each) => `→ ${each}`).join(' ')}`))
}

function startingWith(text: string): RegExp {
  return new RegExp(`^${text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`)
}
