import { expect, test } from 'vitest'
import { parseInputs } from '../../src/inputs.ts'
import { Secret } from '../../src/secret.ts'
import { equivalentCommand } from '../../src/terminal/equivalent.ts'
import { inputs } from './fixture.ts'

const of = (given: Partial<typeof inputs>) => equivalentCommand({ ...inputs, ...given }, '/home/robin/clone')

test('what was said, one option a line', () => {
  expect(of({})).toEqual([
    'eso-bootstrap init --yes',
    '--credentials /in/credentials.json',
    '--token env:TOKEN',
    '--vault homelab',
    '--git push',
  ])
})

test('a secret that was pasted is nowhere in it', () => {
  const pasted = { kind: 'given', secret: new Secret('eyJvery-secret'), said: 'the token that was pasted' } as const
  expect(of({ token: pasted })).toContain("--token 'op://<vault>/<item>/<field>'")
  expect(of({ token: pasted }).join()).not.toContain('eyJ')
})

test('words with blanks, quotes and dollars reach a shell whole', () => {
  expect(of({ vaults: [{ key: "Ada's $HOME", order: 3 }] })).toContain(`--vault 'Ada'\\''s $HOME=3'`)
})

test('given back to init, it means the same', () => {
  const given = {
    ...inputs,
    context: 'home',
    namespace: 'secrets',
    kustomization: { namespace: 'flux-system', name: 'apps' },
    vaults: [
      { key: 'b', order: 1 },
      { key: 'a', order: 7 },
    ],
    branch: 'enable/it',
    git: 'push' as const,
    replace: true,
    wait: false,
    verifyItem: { item: 'a/b', field: 'c' },
  }
  const raw: Record<string, string | string[] | true> = {}
  for (const line of equivalentCommand(given, '/home/robin/clone').slice(1)) {
    const [flag = '', value] = line.replace(/^--/, '').split(' ')
    if (flag === 'vault') raw[flag] = [...((raw[flag] as string[]) ?? []), value ?? '']
    else raw[flag] = value ?? true
  }
  expect(parseInputs({ ...raw, yes: true }, { env: {}, cwd: '/home/robin/clone' })).toEqual(given)
})
