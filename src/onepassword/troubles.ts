import type { FailureText } from '../failure.ts'
import { newToken } from './obtain.ts'

/** A cause that is known by what the operator or Connect says about it. */
export interface Trouble extends FailureText {
  /** Milliseconds for which it may still heal by itself: Connect answers 401 and 500 in its first moments. */
  patience: number
}

/** What is known of the set-up, so that a fix can be pasted. */
export interface Setting {
  server?: string
  vaults?: readonly string[]
  /** The command that is run, where it isn't `init`. */
  command?: string
  /** What every cause ends with, where that isn't the cause's own. */
  exit?: Trouble['exit']
}

interface Known extends Omit<Trouble, 'what' | 'exit' | 'fix'> {
  says: RegExp
  what: string | ((match: RegExpMatchArray) => string)
  exit?: Trouble['exit']
  fix: readonly string[] | ((setting: Setting) => string[])
}

/**
 * Texts of External Secrets Operator's 1Password provider and of Connect, the telling ones first. The texts come from
 * https://github.com/external-secrets/external-secrets (providers/v1/onepassword), https://github.com/1Password/connect-sdk-go
 * and the issues of https://github.com/1Password/connect that stand beside them.
 */
const known: readonly Known[] = [
  {
    // https://github.com/1Password/connect/issues/62
    id: 'credentials-not-base64',
    says: /credentialsDataFromBase64\)?, illegal base64 data/,
    what: 'Connect cannot read its credentials: it wants base64 text and the Secret holds something else.',
    why: 'OP_SESSION comes from an environment variable, which has to hold base64 of the JSON.',
    fix: [
      'eso-bootstrap init --credentials <file> --replace',
      'kubectl rollout restart deployment onepassword-connect -n external-secrets',
    ],
    patience: 5_000,
  },
  {
    id: 'credentials-not-json',
    says: /failed to Unmarshal credentials file data into map, invalid character 'e'/,
    what: 'Connect cannot read its credentials: it wants the plain JSON file and the Secret holds base64 text.',
    why: 'OP_SESSION is the path of a mounted file, which has to be the JSON itself.',
    fix: [
      'eso-bootstrap init --credentials <file> --replace',
      'kubectl rollout restart deployment onepassword-connect -n external-secrets',
    ],
    patience: 5_000,
  },
  {
    // https://github.com/1Password/connect/issues/78
    id: 'token-of-other-server',
    says: /KID must match the KID of the public key|failed to Decrypt localAuthv2/i,
    what: 'The token and the credentials belong to different Connect servers.',
    why: 'A token works only with the server that it was issued for.',
    fix: (setting) => [...newToken(setting.server, setting.vaults), putToken(setting)],
    exit: 'refused',
    patience: 10_000,
  },
  {
    id: 'token-refused',
    says: /status 401: (Invalid|Unauthorized|.*expired)|token is expired/i,
    what: 'Connect refuses the token.',
    why: 'It was revoked, has expired, or belongs to another Connect server.',
    fix: (setting) => [...newToken(setting.server, setting.vaults), putToken(setting)],
    exit: 'refused',
    patience: 20_000,
  },
  {
    id: 'vault-not-found',
    says: /Found 0 vaults with title "([^"]{1,255})"/,
    what: (match) => `The token sees no vault with the title "${match[1]}".`,
    why: 'Titles are compared letter by letter, and the token sees only the vaults that it was issued for.',
    fix: (setting) => ['op vault list', ...forInit(setting, '--vault <title-or-id>'), ...newToken(setting.server, setting.vaults)],
    patience: 20_000,
  },
  {
    id: 'vault-ambiguous',
    says: /Found ([2-9]|\d{2,}) vaults with title "([^"]{1,255})"/,
    what: (match) => `${match[1]} vaults have the title "${match[2]}".`,
    why: 'A title must be unique among the vaults that the token sees; an id always is.',
    fix: (setting) => ['op vault list', ...forInit(setting, '--vault <id>')],
    patience: 5_000,
  },
  {
    id: 'vault-not-in-scope',
    says: /status 403: /,
    what: 'The token may not read a vault that the stores name.',
    why: 'The vaults of a token are fixed when it is issued. A new token can be refused for some minutes.',
    fix: ({ server, vaults }) => ['op connect token list', ...newToken(server, vaults)],
    exit: 'refused',
    patience: 120_000,
  },
  {
    id: 'token-secret-missing',
    says: /cannot get Kubernetes secret "([^"]{1,253})"|cannot find secret data for key: "([^"]{1,253})"/,
    what: (match) =>
      `The store does not find its token: ${match[1] === undefined ? `there is no key ${match[2]} in the Secret` : `there is no Secret ${match[1]}`}.`,
    why: 'The name, key or namespace in connectTokenSecretRef is another one than the Secret has.',
    fix: ['kubectl get secrets -n external-secrets'],
    patience: 20_000,
  },
  {
    id: 'item-not-found',
    says: /key not found in 1Password Vaults: (.{1,200}?) in:/,
    what: (match) => `No item "${match[1]}" is in the vaults that the store reads.`,
    why: 'An item is found by its exact title, or by its id.',
    fix: (setting) => ['op item list --vault <vault>', ...withItem(setting, '<item>/<field>')],
    patience: 5_000,
  },
  {
    id: 'item-ambiguous',
    says: /expected one 1Password Item matching: '(.{1,200}?)', got (\d+)/,
    what: (match) => `${match[2]} items in one vault have the title "${match[1]}".`,
    why: 'A title must be unique in its vault; an id always is.',
    fix: ['op item list --vault <vault>'],
    patience: 2_000,
  },
  {
    id: 'field-not-found',
    says: /expected one 1Password ItemField matching: '(.{1,200}?)' in '(.{1,200}?)', got (\d+)/,
    what: (match) => `The item "${match[2]}" has ${match[3]} fields with the label "${match[1]}"; there must be one.`,
    why: 'Labels are compared letter by letter, over all sections of the item.',
    fix: (setting) => ['op item get <item> --vault <vault>', ...withItem(setting, '<item>/<label>')],
    patience: 2_000,
  },
  {
    // https://github.com/external-secrets/external-secrets/blob/main/pkg/controllers/secretstore/client_manager.go
    id: 'store-not-for-namespace',
    says: /using cluster store "([^"]{1,253})" is not allowed from namespace "([^"]{1,63})": denied by spec\.condition/,
    what: (match) => `The ClusterSecretStore ${match[1]} is not for the namespace ${match[2]}.`,
    why: 'Its spec.conditions say from which namespaces it may be used.',
    fix: ({ command }) => [
      'kubectl get clustersecretstores -o yaml',
      ...(command === 'verify' ? ['eso-bootstrap verify --namespace <one of them> …'] : []),
    ],
    patience: 2_000,
  },
  {
    id: 'connect-not-found',
    says: /dial tcp: lookup [^ ]+|no such host/,
    what: 'The host in connectHost does not exist.',
    why: 'It has to be the Service of Connect, such as http://onepassword-connect.external-secrets.svc.cluster.local:8080.',
    fix: ['kubectl get service -n external-secrets'],
    patience: 60_000,
  },
  {
    id: 'connect-not-answering',
    says: /connection refused|i\/o timeout|context deadline exceeded|EOF/,
    what: 'Connect does not answer at the address in connectHost.',
    fix: ['kubectl get pods -n external-secrets', 'kubectl logs deployment/onepassword-connect -n external-secrets --all-containers'],
    patience: 300_000,
  },
  {
    id: 'connect-failing',
    says: /status 500/,
    what: 'Connect answers, but cannot read from 1Password yet.',
    why: 'It synchronises after the first request; if it stays so, its credentials are wrong.',
    fix: ['kubectl logs deployment/onepassword-connect -n external-secrets --all-containers'],
    patience: 300_000,
  },
]

/** What only `init` takes: a rotation finds its vaults and items in the cluster. */
function forInit({ command = 'init' }: Setting, flags: string): string[] {
  return command === 'init' ? [`eso-bootstrap init ${flags}`] : []
}

function withItem(setting: Setting, item: string): string[] {
  return setting.command === 'verify' ? [`eso-bootstrap verify --item ${item}`] : forInit(setting, `--verify-item ${item}`)
}

function putToken({ command = 'init' }: Setting): string {
  if (command === 'init') return 'eso-bootstrap init --token <source> --replace'
  return `eso-bootstrap ${command === 'verify' ? 'rotate-token' : command} --token <source>`
}

/** The first known cause in these texts, taken in order: logs before events before conditions. */
export function recognise(texts: readonly string[], setting: Setting = {}): Trouble | undefined {
  for (const { says, what, fix, exit = 'partly', ...rest } of known) {
    for (const text of texts) {
      const match = text.match(says)
      if (match !== null)
        return {
          ...rest,
          exit: setting.exit ?? exit,
          what: typeof what === 'string' ? what : what(match),
          fix: typeof fix === 'function' ? fix(setting) : [...fix],
        }
    }
  }
  return undefined
}
