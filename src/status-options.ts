import type { Option } from './options.ts'

const status = ['status'] as const

/** What only `status` takes; a part of the table in options.ts. */
export const statusOptions = [
  {
    flag: 'repo',
    value: '<folder>',
    commands: status,
    group: 'Where',
    says: 'the GitOps working tree, if there is one (default: the current folder)',
  },
  {
    flag: 'path',
    value: '<folder>',
    commands: status,
    group: 'Where',
    says: 'the External Secrets folder, relative to the repository (default: found by what Flux builds)',
  },
  { flag: 'context', value: '<name>', commands: status, group: 'Where', says: 'the kubeconfig context (default: the current one)' },
  { flag: 'short', commands: status, group: 'How it talks', says: 'one to three lines, as they fit into a chat message' },
  { flag: 'watch', short: 'w', commands: status, group: 'How it talks', says: 'go on until Ctrl-C, and show what changes when it changes' },
  { flag: 'verbose', short: 'v', commands: status, group: 'How it talks', says: 'where an unexpected error happened' },
  {
    flag: 'write',
    commands: status,
    group: 'What is done',
    says: 'also write it to STATUS.md in the External Secrets folder, between two markers',
  },
] as const satisfies readonly Option[]
