import { randomBytes } from 'node:crypto'
import { type Row, refuses } from './refusals.ts'

const vault =
  (...vault: string[]) =>
  () => ({ flags: { vault } })

const asShown = 'Give the vault as 1Password shows it: op vault list'
const exit = 'usage'

const rows: Row[] = [
  { wrong: 'no title', with: vault(''), exit, id: 'vault-empty', what: 'Vault 1 has no title.', fix: asShown },
  { wrong: 'a blank title', with: vault('homelab', '  =2'), exit, id: 'vault-empty', what: 'Vault 2 has no title.', fix: asShown },
  {
    wrong: 'the same twice',
    with: vault('catalyst-eso', 'catalyst-eso'),
    exit,
    id: 'vault-twice',
    what: 'The vault "catalyst-eso" is given twice.',
    fix: 'Name each vault once.',
  },
  {
    wrong: 'the same id in capitals and small',
    with: vault('AAAAAAAAAAAAAAAAAAAAAAAAA2', 'aaaaaaaaaaaaaaaaaaaaaaaaa2'),
    exit,
    id: 'vault-twice',
    what: 'The vault "aaaaaaaaaaaaaaaaaaaaaaaaa2" is given twice.',
    fix: 'Name each vault once.',
  },
  {
    wrong: 'one order for two',
    with: vault('homelab=2', 'catalyst-eso=2'),
    exit,
    id: 'vault-order-twice',
    what: 'Two vaults have the order 2.',
    fix: 'Give each vault a number of its own, or leave the numbers out.',
  },
  {
    wrong: 'an order that is no number',
    with: vault('catalyst-eso=first'),
    exit,
    id: 'vault-order-not-a-number',
    what: '"first" in "catalyst-eso=first" is no order: that is a whole number.',
    fix: "--vault 'catalyst-eso=1'",
  },
  {
    wrong: '300 characters',
    with: vault('x'.repeat(300)),
    exit,
    id: 'vault-too-long',
    what: 'Vault 1 is longer than 255 characters.',
    fix: asShown,
  },
  {
    wrong: 'a Flux variable',
    with: vault(`\${VAULT}`),
    exit,
    id: 'vault-substitution',
    what: `Vault 1 holds "\${": Flux would put something else in its place.`,
    fix: 'Give the title that the variable stands for.',
  },
  {
    wrong: 'a double quote',
    with: vault('the "good" one'),
    exit,
    id: 'vault-quote',
    what: "Vault 1 holds a double quote: External Secrets can't find such a title.",
    fix: "Give the vault's id instead: op vault list",
  },
  {
    wrong: 'a line break',
    with: vault('catalyst\neso'),
    exit,
    id: 'vault-control-character',
    what: 'Vault 1 holds a line break or another control character.',
    fix: asShown,
  },
  {
    wrong: 'an escape sequence',
    with: vault('catalyst\u001b[31m-eso'),
    exit,
    id: 'vault-control-character',
    what: 'Vault 1 holds a line break or another control character.',
    fix: asShown,
  },
  {
    wrong: 'nonsense in the environment',
    with: () => ({ flags: { vault: undefined }, env: { ESO_BOOTSTRAP_VAULT: 'homelab\nhomelab\n' } }),
    exit,
    id: 'vault-twice',
    what: 'The vault "homelab" is given twice.',
    fix: 'Name each vault once.',
  },
  {
    wrong: 'a token that was pasted',
    with: (at) => ({ flags: { vault: at.secrets()[1] } }),
    exit,
    id: 'secret-as-value',
    what: '--vault was given a secret, which it does not take.',
    fix: 'Name the place where it is instead: --credentials <source>, --token <source>',
  },
  {
    wrong: 'base64 of a secret that was pasted',
    with: () => {
      const secret = Buffer.from(randomBytes(60)).toString('base64').slice(0, 78)
      return { flags: { vault: `${secret}==` }, secrets: [secret] }
    },
    exit,
    id: 'vault-order-not-a-number',
    what: 'What follows the last "=" of vault 1 is no order: that is a whole number.',
    fix: "--vault '<title>=1'",
  },
]

refuses(rows)
