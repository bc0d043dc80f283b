import { doctorOptions } from './doctor-options.ts'
import { rotationOptions } from './rotation-options.ts'
import { statusOptions } from './status-options.ts'
import { verifyOptions } from './verify-options.ts'

export type CommandName = 'init' | 'rotate-token' | 'rotate-credentials' | 'status' | 'doctor' | 'verify' | 'demo'

/** One option of the command line. The flags, environment names, help, prompts, checks and docs all come from this table. */
export interface Option {
  flag: string
  short?: string
  /** How the value is called in help; an option without one is a switch. */
  value?: string
  choices?: readonly string[]
  many?: true
  commands: readonly CommandName[]
  group: 'Where' | 'What goes in' | 'What is done' | 'How it talks' | 'Sandbox'
  says: string
  /** Needed when no person can be asked; the sentence says why. */
  required?: string
  /** Read as well, after ESO_BOOTSTRAP_<FLAG>: names that people have set already. */
  legacy?: string
}

const init = ['init'] as const
const work = ['init', 'rotate-token', 'rotate-credentials'] as const
const reports = [...work, 'status', 'verify'] as const
const looks = [...reports, 'doctor'] as const
const asks = [...work, 'verify'] as const
const demo = ['demo'] as const
const all = [...looks, ...demo] as const

export const options = [
  { flag: 'repo', value: '<folder>', commands: init, group: 'Where', says: 'the GitOps working tree (default: the current folder)' },
  {
    flag: 'path',
    value: '<folder>',
    commands: init,
    group: 'Where',
    says: 'the External Secrets folder, relative to the repository (default: found by what Flux builds)',
  },
  { flag: 'context', value: '<name>', commands: init, group: 'Where', says: 'the kubeconfig context (default: the current one)' },
  {
    flag: 'kubeconfig',
    value: '<file>',
    commands: looks,
    group: 'Where',
    says: 'the kubeconfig (default: KUBECONFIG, then ~/.kube/config)',
  },
  {
    flag: 'expect-cluster',
    value: '<name-or-url>',
    commands: looks,
    group: 'Where',
    says: 'stop unless the context or the API server is this one',
  },
  {
    flag: 'namespace',
    short: 'n',
    value: '<name>',
    commands: init,
    group: 'Where',
    says: 'the namespace of Connect and its Secrets (default: what the manifests say, external-secrets)',
  },
  {
    flag: 'kustomization',
    value: '<namespace/name>',
    commands: init,
    group: 'Where',
    says: 'the Flux Kustomization to reconcile (default: the one that builds the edited files)',
  },
  {
    flag: 'credentials',
    value: '<source>',
    commands: init,
    group: 'What goes in',
    says: 'where 1password-credentials.json is: a file, - for standard input, env:NAME or op://vault/item/field',
    required: 'where 1password-credentials.json is',
    legacy: 'OP_CREDENTIALS_FILE',
  },
  {
    flag: 'token',
    value: '<source>',
    commands: init,
    group: 'What goes in',
    says: 'where the Connect access token is: a file, - for standard input, env:NAME or op://vault/item/field',
    required: 'where the Connect access token is',
    legacy: 'OP_CONNECT_TOKEN',
  },
  {
    flag: 'vault',
    value: '<title-or-id>[=order]',
    many: true,
    commands: init,
    group: 'What goes in',
    says: 'a vault that the stores read, and its place in the search order; repeatable (in the environment: one a line)',
    required: 'the vault that the stores read',
  },
  {
    flag: 'verify-item',
    value: '<item>[/field]',
    commands: init,
    group: 'What goes in',
    says: 'prove the set-up with this 1Password item; its value is never shown (default field: password)',
  },
  {
    flag: 'git',
    value: '<mode>',
    choices: ['none', 'commit', 'push'],
    commands: init,
    group: 'What is done',
    says: 'what happens to changed files: none, commit, or push (commit and push)',
    required: 'none, commit or push: what happens to changed files',
  },
  {
    flag: 'branch',
    value: '<name>',
    commands: init,
    group: 'What is done',
    says: 'commit to a new branch of this name and push it, for a pull request, instead of the branch that Flux follows',
  },
  {
    flag: 'scaffold',
    commands: init,
    group: 'What is done',
    says: 'write the whole folder from the templates if there is none',
  },
  {
    flag: 'cluster-path',
    value: '<folder>',
    commands: init,
    group: 'What is done',
    says: 'with --scaffold: the folder that Flux builds for this cluster, for the new Flux Kustomizations (default: found)',
  },
  {
    flag: 'eso-version',
    value: '<version>',
    commands: init,
    group: 'What is done',
    says: 'with --scaffold: the External Secrets Operator chart version, such as 0.11.x (default: fits the cluster)',
  },
  {
    flag: 'connect-version',
    value: '<version>',
    commands: init,
    group: 'What is done',
    says: 'with --scaffold: the 1Password Connect version, such as 1.7.3',
  },
  {
    flag: 'offline',
    commands: init,
    group: 'What is done',
    says: 'only the files: no cluster is spoken to, and git is left alone unless told',
  },
  {
    flag: 'replace',
    commands: init,
    group: 'What is done',
    says: 'replace a Secret that holds another value (a person is asked instead)',
  },
  {
    flag: 'take-ownership',
    commands: work,
    group: 'What is done',
    says: 'take over fields that another field manager owns',
  },
  { flag: 'no-reconcile', commands: init, group: 'What is done', says: 'do not ask Flux to reconcile, and do not wait' },
  { flag: 'no-wait', commands: init, group: 'What is done', says: 'do not wait until everything is Ready' },
  { flag: 'dry-run', commands: work, group: 'What is done', says: 'show the plan, write nothing anywhere' },
  {
    flag: 'detailed-exitcode',
    commands: work,
    group: 'What is done',
    says: 'with --dry-run: exit 10 when something would change',
  },
  {
    flag: 'timeout',
    value: '<duration>',
    commands: work,
    group: 'How it talks',
    says: 'how long to wait for Ready, such as 90s or 10m (default: 10m)',
  },
  { flag: 'yes', short: 'y', commands: work, group: 'How it talks', says: 'apply the plan without asking' },
  { flag: 'no-input', commands: asks, group: 'How it talks', says: 'never ask; name all that is missing and stop' },
  {
    flag: 'output',
    short: 'o',
    value: '<format>',
    choices: ['human', 'json'],
    commands: reports,
    group: 'How it talks',
    says: 'human or json (one document on standard output)',
  },
  {
    flag: 'verbose',
    short: 'v',
    commands: asks,
    group: 'How it talks',
    says: 'all that is waited for, line by line, and where an unexpected error happened',
  },
  {
    flag: 'verbose',
    short: 'v',
    commands: demo,
    group: 'How it talks',
    says: 'all that is waited for, line by line; with --serve, every request to the API server',
  },
  { flag: 'no-color', commands: all, group: 'How it talks', says: 'no colours (NO_COLOR does the same)' },
  {
    flag: 'serve',
    commands: demo,
    group: 'Sandbox',
    says: 'keep the sandbox up, with nothing initialised yet, until a signal; print how to point other tools at it',
  },
  { flag: 'scenario', value: '<name>', commands: demo, group: 'Sandbox', says: 'start it in one of the known bad states' },
  { flag: 'list-scenarios', commands: demo, group: 'Sandbox', says: 'print the names of the scenarios, one a line' },
  ...rotationOptions,
  ...statusOptions,
  ...doctorOptions,
  ...verifyOptions,
] as const satisfies readonly Option[]

export type Flag = (typeof options)[number]['flag']

/** The environment variable of a flag: `--verify-item` is ESO_BOOTSTRAP_VERIFY_ITEM. */
export function environmentName(flag: string): string {
  return `ESO_BOOTSTRAP_${flag.toUpperCase().replaceAll('-', '_')}`
}

export function optionsOf(command: CommandName): readonly Option[] {
  return options.filter((option) => (option.commands as readonly string[]).includes(command))
}
