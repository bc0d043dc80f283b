import { describe, expect, test } from 'vitest'
import { options } from '../../../src/options.ts'
import { findCanary, makeCredentials, makeToken } from '../../canary.ts'
import { run } from '../run.ts'

const token = makeToken()
const credentials = makeCredentials()
const password = "hunter'2-and-then-some-more-of-it-0123456789abcdef"

/** Runs it for a person and for a program; neither may see what was pasted. */
async function codesOf(argv: string[]): Promise<number[]> {
  const all = await Promise.all([argv, [...argv, '-o', 'json']].map((each) => run(each)))
  for (const { stdout, stderr } of all) {
    expect(findCanary(stdout + stderr, [token, credentials])).toEqual([])
    expect(stdout + stderr).not.toContain(password.slice(10))
    expect(stdout + stderr).not.toBe('')
  }
  return all.map(({ code }) => code)
}

describe.each([
  ['a token', token],
  ['credentials', credentials],
  ['credentials in base64', Buffer.from(credentials).toString('base64')],
  ['a password with a quote', password],
])('%s', (_, secret) => {
  test.each([
    ['in an option that does not exist', ['init', `--tokn=${secret}`]],
    ['behind an option that does not exist', ['init', '--tokn', secret]],
    ['as an argument of its own', ['init', secret]],
    ['behind a switch', ['init', '--yes', secret]],
    ['with the dash of a short option', ['init', `-t${secret}`]],
    ['as a command', [secret]],
    ['as an option of no command', [`--token=${secret}`]],
  ])('%s: exit 2, and not repeated', async (_, argv) => {
    expect(await codesOf(argv)).toEqual([2, 2])
  })
})

const taking = options.filter(
  (option) => 'value' in option && option.flag !== 'output' && (option.commands as readonly string[]).includes('init'),
)

test.each(taking.map(({ flag }) => flag))('a token or credentials as --%s: exit 2, and not repeated', async (flag) => {
  for (const secret of [token, credentials, Buffer.from(credentials).toString('base64')]) {
    expect(await codesOf(['init', '--yes', '--offline', '--vault=homelab', `--${flag}=${secret}`])).toEqual([2, 2])
  }
})

test('a near miss is told with the right name', async () => {
  const { code, stderr } = await run(['init', '--tokn', token])
  expect(code).toBe(2)
  expect(stderr).toBe("✖ Unknown option '--tokn'\n(Did you mean --token?)\n  → eso-bootstrap init --help\n")
})
