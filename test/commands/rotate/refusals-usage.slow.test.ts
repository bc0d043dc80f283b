import type { Rule } from '../../../src/sandbox/api/access.ts'
import type { Flags } from '../init/stage.ts'
import { type Given, type Row, refuses } from './refusals.ts'

/** Flags that don't go together, or one that is wrong by itself. */
const wrongly = (flags: Flags, what: string, command?: Given['command']): Row => ({
  wrong: `${command === undefined ? '' : `${command} with `}${Object.entries(flags)
    .flatMap(([flag, value]) => (value === undefined ? [] : `--${flag}`))
    .join(' and ')}`,
  with: () => ({ flags, ...(command && { command }) }),
  exit: 'usage',
  id: 'usage',
  what,
  fix: `eso-bootstrap ${command ?? 'rotate-token'} --help`,
})

const usage: Row[] = [
  wrongly({ mint: true, token: './file' }, '--mint makes what --token and --credentials would give: choose one way.'),
  wrongly(
    { mint: true, token: undefined, credentials: './file' },
    '--mint makes what --token and --credentials would give: choose one way.',
    'rotate-credentials',
  ),
  wrongly(
    { 'keep-in': 'ops/connect', credentials: './file' },
    '--keep-in keeps what --mint makes, and --mint is not given.',
    'rotate-credentials',
  ),
  wrongly({ 'keep-in': 'ops', mint: true, token: undefined }, '--keep-in must be <vault>/<title>.', 'rotate-credentials'),
  wrongly(
    { 'contexts-from': './*.yaml', context: 'sandbox' },
    '--contexts-from already says which clusters: leave out --context and --kubeconfig.',
  ),
  wrongly(
    { 'contexts-from': './*.yaml', kubeconfig: './config' },
    '--contexts-from already says which clusters: leave out --context and --kubeconfig.',
  ),
  wrongly({ check: true, mint: true, token: undefined }, '--check only looks: --mint is for a run without it.'),
  wrongly({ check: true, 'revoke-old': true, token: undefined }, '--check only looks: --revoke-old is for a run without it.'),
  wrongly({ check: true }, '--check only looks: --token is for a run without it.'),
  wrongly({ within: '14d' }, '--within is how near --check finds near, and --check is not given.'),
  wrongly({ 'expires-in': '30d' }, '--expires-in is for what --mint makes: a token that is given has its end.'),
  wrongly({ mint: true, token: undefined, 'expires-in': 'soon' }, '--expires-in must be a duration such as 30d or 12w.'),
  wrongly({ token: undefined, check: true, within: 'soon' }, '--within must be a duration such as 14d.'),
  wrongly({ store: 'a/b/c' }, '--store must be <name> or <namespace>/<name>.'),
  {
    wrong: 'nobody to ask, and nothing given',
    with: () => ({ flags: { yes: undefined, token: undefined }, within: 1_000 }),
    exit: 'usage',
    id: 'missing-input',
    what: 'Nobody can be asked here, and 2 things are missing:',
    fix: '--token <source> (ESO_BOOTSTRAP_TOKEN): where the new Connect access token is (or --mint)',
  },
  {
    wrong: 'nobody to ask, and nothing given for both',
    with: () => ({ command: 'rotate-credentials', flags: { yes: undefined, token: undefined }, within: 1_000 }),
    exit: 'usage',
    id: 'missing-input',
    what: 'Nobody can be asked here, and 3 things are missing:',
    fix: '--credentials <source> (ESO_BOOTSTRAP_CREDENTIALS): where the new 1password-credentials.json is (or --mint)',
  },
  {
    wrong: 'no kubeconfig of that pattern',
    with: () => ({ flags: { 'contexts-from': './clusters/*.yaml' } }),
    exit: 'usage',
    id: 'kubeconfigs-missing',
    what: 'No kubeconfig matches <here>/repository/clusters/*.yaml.',
    fix: 'ls <here>/repository/clusters',
  },
  {
    wrong: 'another cluster than the one that is meant',
    with: () => ({ flags: { 'expect-cluster': 'home' } }),
    exit: 'usage',
    id: 'other-cluster',
    what: 'The context sandbox at <server> is not the cluster that --expect-cluster names.',
    fix: 'kubectl config get-contexts',
  },
]

const reads: Rule = { apiGroups: ['*'], resources: ['*'], verbs: ['get', 'list', 'watch'] }
const writes = (resources: string[], ...verbs: string[]): Rule => ({ apiGroups: ['*'], resources, verbs })

const permissions: Row[] = [
  {
    wrong: 'a user who may not even read',
    with: async (at) => ({ options: await at.as() }),
    exit: 'refused',
    id: 'forbidden',
    what: 'You may not list clustersecretstores.external-secrets.io.',
    fix: "kubectl --context 'sandbox' auth can-i list clustersecretstores.external-secrets.io",
  },
  {
    wrong: 'a user who may not read the token',
    with: async (at) => ({
      options: await at.as({ ...reads, resources: ['clustersecretstores', 'secretstores', 'externalsecrets', 'leases'] }),
    }),
    exit: 'refused',
    id: 'forbidden',
    what: 'You may not get secrets onepassword-connect-token in external-secrets.',
    fix: "kubectl --context 'sandbox' auth can-i get secrets -n external-secrets",
  },
  {
    wrong: 'a user who may only read',
    with: async (at) => ({ options: await at.as(reads) }),
    exit: 'refused',
    id: 'permission-missing',
    what: 'This user may not create, patch or delete leases.coordination.k8s.io in external-secrets; patch secrets in external-secrets; patch clustersecretstores.external-secrets.io in the cluster; patch secretstores.external-secrets.io in external-secrets; patch externalsecrets.external-secrets.io in default.',
    why: 'All permissions are checked before anything is written; nothing was changed.',
    fix: 'kubectl auth can-i --list -n external-secrets',
  },
  {
    wrong: 'a user who may do all but have ExternalSecrets synchronised',
    with: async (at) => ({ options: await at.as(reads, writes(['leases', 'secrets', 'clustersecretstores', 'secretstores'], '*')) }),
    exit: 'refused',
    id: 'permission-missing',
    what: 'This user may not patch externalsecrets.external-secrets.io in default.',
    fix: 'kubectl auth can-i --list -n default',
  },
  {
    wrong: 'a user who may do all but have ExternalSecrets of all namespaces synchronised',
    with: async (at) => {
      const most = writes(['leases', 'secrets', 'clustersecretstores', 'secretstores'], '*')
      const some = { ...writes(['externalsecrets'], '*'), namespaces: ['default'] }
      return { options: await at.as(reads, most, some), flags: { all: true } }
    },
    exit: 'refused',
    id: 'permission-missing',
    what: 'This user may not patch externalsecrets.external-secrets.io in the cluster.',
    fix: 'kubectl auth can-i --list',
  },
]

refuses([...usage, ...permissions])
