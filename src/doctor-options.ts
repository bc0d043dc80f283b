import type { Option } from './options.ts'

const doctor = ['doctor'] as const

/** What only `doctor` takes; a part of the table in options.ts. */
export const doctorOptions = [
  {
    flag: 'repo',
    value: '<folder>',
    commands: doctor,
    group: 'Where',
    says: 'the GitOps working tree, if there is one (default: the current folder)',
  },
  {
    flag: 'path',
    value: '<folder>',
    commands: doctor,
    group: 'Where',
    says: 'the External Secrets folder, relative to the repository (default: found by what Flux builds)',
  },
  { flag: 'context', value: '<name>', commands: doctor, group: 'Where', says: 'the kubeconfig context (default: the current one)' },
  {
    flag: 'offline',
    commands: doctor,
    group: 'What is done',
    says: 'only what needs nothing but the working tree, for a pull request',
  },
  {
    flag: 'ignore',
    value: '<check>',
    many: true,
    commands: doctor,
    group: 'What is done',
    says: 'leave out this check; repeatable (in the environment: one a line)',
  },
  {
    flag: 'explain',
    value: '<check>',
    commands: doctor,
    group: 'What is done',
    says: 'say of one check what it looks for, and what to do; look at nothing',
  },
  {
    flag: 'fix',
    commands: doctor,
    group: 'What is done',
    says: 'mend what is safe to mend and can be taken back, each after a yes',
  },
  { flag: 'yes', short: 'y', commands: doctor, group: 'How it talks', says: 'with --fix: without asking' },
  {
    flag: 'timeout',
    value: '<duration>',
    commands: doctor,
    group: 'How it talks',
    says: 'how long one check may take, such as 500ms or 1m (default: 15s)',
  },
  {
    flag: 'output',
    short: 'o',
    value: '<format>',
    choices: ['human', 'json', 'github', 'sarif'],
    commands: doctor,
    group: 'How it talks',
    says: 'human; json or sarif (one document on standard output); or github (annotations of a workflow)',
  },
  { flag: 'verbose', short: 'v', commands: doctor, group: 'How it talks', says: 'every check, and where an unexpected error happened' },
] as const satisfies readonly Option[]
