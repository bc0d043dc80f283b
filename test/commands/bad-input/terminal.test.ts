import { expect, test } from 'vitest'
import { environment, type RunOptions, run } from '../run.ts'

const missing = `✖ Nobody can be asked here, and 5 things are missing:
  → --credentials <source> (ESO_BOOTSTRAP_CREDENTIALS or OP_CREDENTIALS_FILE): where 1password-credentials.json is
  → --token <source> (ESO_BOOTSTRAP_TOKEN or OP_CONNECT_TOKEN): where the Connect access token is
  → --vault <title-or-id>[=order] (ESO_BOOTSTRAP_VAULT): the vault that the stores read
  → --git <mode> (ESO_BOOTSTRAP_GIT): none, commit or push: what happens to changed files
  → --yes (ESO_BOOTSTRAP_YES=true): apply the plan without asking
`

const nobody: [string, string[], RunOptions][] = [
  ['no terminal', [], {}],
  ['a terminal, and --no-input', ['--no-input'], { columns: 80 }],
  ['a terminal, and CI=true', [], { columns: 80, env: environment({ CI: 'true' }) }],
  ['a terminal that can do nothing', [], { columns: 80, env: environment({ TERM: 'dumb' }) }],
]

test.each(nobody)('%s: all that is missing is named at once, in under a second', async (_, flags, options) => {
  const since = Date.now()
  const { code, stdout, stderr } = await run(['init', ...flags], options)
  expect(Date.now() - since).toBeLessThan(1_000)
  expect([code, stdout, stripped(stderr)]).toEqual([2, '', missing])
})

test('a terminal, and -o json: the same as a document', async () => {
  const { code, json, stderr } = await run(['init', '-o', 'json'], { columns: 80 })
  expect([code, json().exitCode, stderr]).toEqual([2, 2, ''])
  expect(json().errors).toEqual([{ id: 'missing-input', what: 'Nobody can be asked here, and 5 things are missing:', fix: fixes(missing) }])
})

test('one thing is missing', async () => {
  const flags = ['--offline', '--vault', 'homelab']
  const { code, stderr } = await run(['init', ...flags])
  expect(code).toBe(2)
  expect(stderr).toBe(
    '✖ Nobody can be asked here, and one thing is missing:\n  → --yes (ESO_BOOTSTRAP_YES=true): apply the plan without asking\n',
  )
})

test('a dry run needs no consent', async () => {
  const { stderr } = await run(['init', '--dry-run'])
  expect(stderr).toContain('4 things are missing')
  expect(stderr).not.toContain('--yes')
})

function fixes(text: string): string[] {
  return [...text.matchAll(/→ (.*)/g)].map(([, fix = '']) => fix)
}

function stripped(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what a terminal is told in colours
  return text.replace(/\u001b\[[\d;]*m/g, '')
}
