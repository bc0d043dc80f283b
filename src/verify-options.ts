import type { Option } from './options.ts'

const verify = ['verify'] as const

/** What only `verify` takes; a part of the table in options.ts. */
export const verifyOptions = [
  { flag: 'context', value: '<name>', commands: verify, group: 'Where', says: 'the kubeconfig context (default: the current one)' },
  {
    flag: 'namespace',
    short: 'n',
    value: '<name>',
    commands: verify,
    group: 'Where',
    says: "where the throw-away ExternalSecret is (default: a SecretStore's own, else the namespace of the token)",
  },
  {
    flag: 'store',
    value: '<[namespace/]name>',
    commands: verify,
    group: 'Where',
    says: 'the store that is verified (default: the only one that reads 1Password)',
  },
  { flag: 'all-stores', commands: verify, group: 'Where', says: 'every store that reads 1Password, one after the other' },
  {
    flag: 'item',
    value: '<title>[/field]',
    commands: verify,
    group: 'What goes in',
    says: 'the 1Password item whose value has to come through; it is never shown (default field: password)',
    required: 'the 1Password item whose value has to come through',
  },
  {
    flag: 'refresh',
    commands: verify,
    group: 'What is done',
    says: 'then wait until a change arrives that is made in 1Password',
  },
  {
    flag: 'timeout',
    value: '<duration>',
    commands: verify,
    group: 'How it talks',
    says: 'how long to wait for the store, for the value and for a change, each, such as 30s or 10m (default: 5m)',
  },
] as const satisfies readonly Option[]
