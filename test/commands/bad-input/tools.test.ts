import { execFileSync } from 'node:child_process'
import { mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { type Row, refuses } from './refusals.ts'

const reference = 'op://ops/connect/1password-credentials.json'

/** `op` as a program that does this; what it says must not get out. */
const op = (script: string, secret = ''): NonNullable<Row['with']> => {
  return async (at) => ({
    flags: { credentials: reference },
    env: await at.program('op', script),
    ...(secret === '' ? {} : { secrets: [secret] }),
  })
}

const rows: Row[] = [
  {
    wrong: 'no op',
    with: (at) => {
      const bin = join(at.folder, 'bin')
      mkdirSync(bin)
      symlinkSync(execFileSync('/bin/sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim(), join(bin, 'git'))
      return { flags: { credentials: reference }, env: { PATH: bin } }
    },
    exit: 'blocked',
    id: 'op-missing',
    what: `${reference} is read by the 1Password command line, and there is no op on the PATH.`,
    fix: 'Install it: https://developer.1password.com/docs/cli/get-started',
  },
  {
    wrong: 'op that is locked',
    with: op('echo "[ERROR] 2026/01/01 00:00:00 You are not currently signed in. Please run \\`op signin --help\\`" >&2; exit 1'),
    exit: 'refused',
    id: 'op-signed-out',
    what: `op is not signed in to 1Password, so that ${reference} cannot be read.`,
    fix: 'op signin',
  },
  {
    wrong: 'op that finds nothing',
    with: op(`echo '[ERROR] could not read secret: "connect" isn'"'"'t an item in the "ops" vault' >&2; exit 1`),
    exit: 'blocked',
    id: 'op-not-found',
    what: `1Password has nothing at ${reference}, or you may not see it.`,
    fix: 'op vault list',
  },
  {
    wrong: 'op that fails and says too much',
    with: op(
      'echo "panic: 6f1c9f0a5f0e4b2d8f5a4c3b2a190807" >&2; echo 6f1c9f0a5f0e4b2d8f5a4c3b2a190807; exit 2',
      '6f1c9f0a5f0e4b2d8f5a4c3b2a190807',
    ),
    exit: 'blocked',
    id: 'op-failed',
    what: `op could not read ${reference}; it ended with exit code 2.`,
    why: 'Its own words are not shown here, because they may hold what it read.',
    fix: `op read '${reference}' > /dev/null`,
  },
  {
    wrong: 'op that gives something else',
    with: op('echo 6f1c9f0a5f0e4b2d8f5a4c3b2a190807', '6f1c9f0a5f0e4b2d8f5a4c3b2a190807'),
    exit: 'blocked',
    id: 'credentials-not-json',
    what: 'The 1Password credentials are not JSON.',
    fix: 'op connect server create <name> --vaults <vault>',
  },
  {
    wrong: 'a reference without a field',
    with: () => ({ flags: { credentials: 'op://ops/connect' } }),
    exit: 'usage',
    id: 'source-malformed',
    what: '--credentials does not name a source.',
    why: 'After `op://` come the vault, the item and the field, with slashes between them.',
    fix: 'Give a file',
  },
]

refuses(rows)
