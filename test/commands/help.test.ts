import { expect, test } from 'vitest'
import { run } from './run.ts'

test.each([['--help'], ['init', '--help'], ['demo', '--help']])('%s %s: no line is longer than 80 columns', async (...argv) => {
  const { code, stdout } = await run(argv)
  expect(code).toBe(0)
  expect(stdout).toMatch(/^Usage: eso-bootstrap/)
  expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([])
})

test.each([
  [['ini'], "Unknown command 'ini'\n(Did you mean init?)", 'eso-bootstrap --help'],
  [['init', '--nope'], "Unknown option '--nope'", 'eso-bootstrap init --help'],
  [['init', '--vault'], "Option '--vault' argument missing", 'eso-bootstrap init --help'],
  [['init', '-n'], "Option '-n, --namespace' argument missing", 'eso-bootstrap init --help'],
  [['demo', 'extra'], "Too many arguments for 'demo'. Expected 0 arguments but got 1.", 'eso-bootstrap demo --help'],
])('%j: says what is wrong, and where help is', async (argv, what, fix) => {
  expect(await run(argv)).toMatchObject({ code: 2, stdout: '', stderr: `✖ ${what}\n  → ${fix}\n` })
})

test('a value in the wrong place is not repeated', async () => {
  const secret = 'eyJhbGciOiJFUzI1NiJ9.e30.c2lnbmF0dXJl'
  for (const argv of [
    ['init', `--${secret}`],
    ['init', '--tokens', secret],
    ['init', `--tokens=${secret}`],
    [secret],
    ['init', `-${secret}`],
  ])
    expect((await run(argv)).stderr).not.toContain('eyJ')
})
