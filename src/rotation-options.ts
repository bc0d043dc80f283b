import type { Option } from './options.ts'

const token = ['rotate-token'] as const
const credentials = ['rotate-credentials'] as const
const rotations = ['rotate-token', 'rotate-credentials'] as const

/** What only `rotate-token` and `rotate-credentials` take; a part of the table in options.ts. */
export const rotationOptions = [
  {
    flag: 'context',
    value: '<name>',
    many: true,
    commands: rotations,
    group: 'Where',
    says: 'the kubeconfig context (default: the current one); repeatable: the clusters are done one after the other',
  },
  {
    flag: 'contexts-from',
    value: '<glob>',
    commands: rotations,
    group: 'Where',
    says: 'the current context of each kubeconfig that matches, such as ~/.kube/clusters/*.yaml',
  },
  {
    flag: 'store',
    value: '<[namespace/]name>',
    commands: rotations,
    group: 'Where',
    says: 'a store that uses the Secret that is meant (default: the only one that 1Password stores use)',
  },
  {
    flag: 'credentials',
    value: '<source>',
    commands: credentials,
    group: 'What goes in',
    says: 'where the new 1password-credentials.json is: a file, - for standard input, env:NAME or op://vault/item/field',
    required: 'where the new 1password-credentials.json is (or --mint)',
  },
  {
    flag: 'token',
    value: '<source>',
    commands: rotations,
    group: 'What goes in',
    says: 'where the new Connect access token is: a file, - for standard input, env:NAME or op://vault/item/field',
    required: 'where the new Connect access token is (or --mint)',
  },
  {
    flag: 'mint',
    commands: token,
    group: 'What goes in',
    says: 'let op make the new token: on the same Connect server, read-only, for the vaults that the stores name',
  },
  {
    flag: 'mint',
    commands: credentials,
    group: 'What goes in',
    says: 'let op make a new Connect server and its token, read-only, for the vaults that the stores name',
  },
  {
    flag: 'expires-in',
    value: '<duration>',
    commands: rotations,
    group: 'What goes in',
    says: 'with --mint: how long the new token is valid, such as 30d or 12w (default: 90d)',
  },
  {
    flag: 'keep-in',
    value: '<vault>/<title>',
    commands: credentials,
    group: 'What goes in',
    says: 'with --mint: also keep the new credentials and token in a new 1Password item',
  },
  {
    flag: 'verify-item',
    value: '<item>[/field]',
    commands: rotations,
    group: 'What goes in',
    says: 'where no ExternalSecret can be asked to prove it: this 1Password item, never shown (default field: password)',
  },
  {
    flag: 'all',
    commands: rotations,
    group: 'What is done',
    says: 'have every ExternalSecret of these stores synchronised, not one of each store',
  },
  {
    flag: 'revoke-old',
    commands: token,
    group: 'What is done',
    says: 'when the new token is proven, delete the old one in 1Password',
  },
  {
    flag: 'revoke-old',
    commands: credentials,
    group: 'What is done',
    says: 'when the new pair is proven, delete the old Connect server in 1Password, with all its tokens',
  },
  {
    flag: 'check',
    commands: token,
    group: 'What is done',
    says: 'only look at the expiry of the token that is there; exit 10 when it is near',
  },
  {
    flag: 'within',
    value: '<duration>',
    commands: token,
    group: 'What is done',
    says: 'with --check: how near is near, such as 14d (default: 30d)',
  },
] as const satisfies readonly Option[]
