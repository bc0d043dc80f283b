import { type Row, refuses } from './refusals.ts'

const exit = 'usage'
const help = 'eso-bootstrap init --help'

/** A value that an option does not take. */
const wrong = (flag: string, value: string, what: string, id = 'usage', fix = help): Row => ({
  wrong: `--${flag} ${value}`,
  with: () => ({ flags: { [flag]: value } }),
  exit,
  id,
  what,
  fix,
})

const rows: Row[] = [
  wrong('timeout', 'soon', '--timeout must be a duration such as 90s, 10m or 1h30m.'),
  wrong('timeout', '10', '--timeout must be a duration such as 90s, 10m or 1h30m.'),
  wrong('timeout', '-5m', '--timeout must be a duration such as 90s, 10m or 1h30m.'),
  wrong('git', 'pull', '--git must be none, commit or push.'),
  wrong('namespace', 'External_Secrets', '--namespace must be a Kubernetes name: lower-case letters, digits and -.'),
  wrong('kustomization', 'a/b/c', '--kustomization must be <name> or <namespace>/<name>.'),
  wrong(
    'path',
    '../elsewhere',
    '--path must be a folder inside the repository.',
    'path-outside',
    'eso-bootstrap init --repo <folder> --path <folder in it>',
  ),
  wrong(
    'path',
    '/etc',
    '--path must be a folder inside the repository.',
    'path-outside',
    'eso-bootstrap init --repo <folder> --path <folder in it>',
  ),
  wrong('path', '', '--path is empty.'),
  wrong('context', ' ', '--context is empty.'),
  {
    wrong: 'several values at once',
    with: () => ({ flags: { git: 'pull', namespace: 'A', kubeconfig: '' } }),
    exit,
    id: 'usage',
    what: '3 options have a wrong value: --kubeconfig is empty; --namespace must be a Kubernetes name: lower-case letters, digits and -; --git must be none, commit or push.',
    fix: help,
  },
  {
    wrong: 'a wrong value in the environment',
    with: () => ({ env: { ESO_BOOTSTRAP_TIMEOUT: 'for ever' } }),
    exit,
    id: 'usage',
    what: '--timeout must be a duration such as 90s, 10m or 1h30m.',
    fix: help,
  },
  {
    wrong: 'a branch that git does not allow',
    with: () => ({ flags: { branch: 'with space' } }),
    exit,
    id: 'branch-name',
    what: 'git does not allow the branch name with space.',
    fix: 'See the rules: https://git-scm.com/docs/git-check-ref-format',
  },
  {
    wrong: 'a chart version that no template fits',
    with: () => ({ flags: { scaffold: true, path: 'new', 'eso-version': '0.5.0' } }),
    exit,
    id: 'eso-version-unknown',
    what: '--eso-version is not a chart version of External Secrets Operator that the templates are written for.',
    fix: 'eso-bootstrap init --scaffold --eso-version',
  },
  {
    wrong: 'a Connect version that no template fits',
    with: () => ({ flags: { scaffold: true, path: 'new', 'connect-version': 'latest' } }),
    exit,
    id: 'connect-version-unknown',
    what: '--connect-version is not a version of 1Password Connect that the templates are written for.',
    fix: 'eso-bootstrap init --scaffold --connect-version',
  },
  {
    wrong: 'a missing --token, --vault and --git',
    with: () => ({ flags: { token: undefined, vault: undefined, git: undefined } }),
    exit,
    id: 'missing-input',
    what: 'Nobody can be asked here, and 3 things are missing:',
    fix: '--token <source> (ESO_BOOTSTRAP_TOKEN or OP_CONNECT_TOKEN): where the Connect access token is',
  },
]

refuses(rows)
