import { addVault } from '../connect/account.ts'
import { eachText, type Files, withChartVersion, withStoreApi, withVault } from './files.ts'
import { setUp } from './set-up.ts'
import type { Scenario, Stage } from './stage.ts'

/** As 1Password makes them. */
const vaultId = 'q7b2m4k9x1v5c8n3z6l0p2s4d7'

const connectHost = (files: Files, host: string) => eachText(files, (text) => text.replace(/^( +connectHost: ).*$/gm, `$1${host}`))

/** What may be wrong with the stores of a cluster that is set up. */
export const storeScenarios: Record<string, Scenario> = {
  'unknown-vault': setUp('The stores name a vault that is written a little differently than in 1Password.', {
    files: (files) => withVault(files, 'catalyst-es0'),
  }),
  'ambiguous-vault': setUp('Two vaults that the token reads have the title that the stores name.', {
    account: (account) => void addVault(account, 'catalyst-eso'),
  }),
  'upper-case-vault-id': setUp('The stores name the vault by its id, in capitals as op prints some of them.', {
    account: ({ vaults: [vault] }) => {
      if (vault !== undefined) vault.id = vaultId
    },
    files: (files) => withVault(files, vaultId.toUpperCase()),
  }),
  'vault-id-on-old-operator': setUp('The stores name the vault by its id, which External Secrets Operator 0.11 takes for a title.', {
    account: ({ vaults: [vault] }) => {
      if (vault !== undefined) vault.id = vaultId
    },
    files: (files) => withChartVersion(withStoreApi(withVault(files, vaultId), 'v1beta1'), '0.11.0'),
  }),
  'several-stores-old-operator': setUp('Two stores name different vaults, and External Secrets Operator 1.3 may take one for the other.', {
    files: (files) => withChartVersion(otherVault(files), '1.3.2'),
  }),
  'store-without-namespace': setUp('The ClusterSecretStore does not say in which namespace its token is.', {
    files: (files) => eachText(files, (text) => text.replace(/(kind: ClusterSecretStore[\s\S]*?key: token\n)\s+namespace: .*\n/, '$1')),
  }),
  'foreign-token-namespace': setUp('The SecretStore takes its token from the namespace of another.', {
    files: (files) =>
      eachText(files, (text) => text.replace(/(kind: SecretStore\n[\s\S]*?)( +)key: token\n/, '$1$2key: token\n$2namespace: default\n')),
  }),
  'host-with-slash': setUp('The connectHost of the stores ends with a slash.', {
    files: (files) => connectHost(files, 'http://onepassword-connect.external-secrets.svc:8080/'),
  }),
  'host-wrong-port': setUp('The connectHost of the stores has the port of connect-sync.', {
    files: (files) => connectHost(files, 'http://onepassword-connect.external-secrets.svc:8081'),
  }),
  'host-unknown': setUp('The connectHost of the stores names a Service that is not there.', {
    files: (files) => connectHost(files, 'http://op-connect.external-secrets.svc:8080'),
  }),
  'host-answers-html': setUp('A dashboard, which answers everything with a web page, listens at the connectHost of the stores.', {
    files: (files) => connectHost(files, 'http://dashboard.external-secrets.svc:8080'),
    after: putDashboard,
  }),
}

function otherVault(files: Files): Files {
  return eachText(files, (text) => text.replace(/(kind: SecretStore\n[\s\S]*?vaults:\n +)[^\s:]+:/, '$1Team Shared:'))
}

function putDashboard({ api }: Stage): void {
  const metadata = { name: 'dashboard', namespace: 'external-secrets' }
  const labels = { app: 'dashboard' }
  const containers = [{ name: 'web', image: 'docker.io/library/nginx:1.29', ports: [{ name: 'http', containerPort: 80 }] }]
  const template = { metadata: { labels }, spec: { containers } }
  api.store.put(
    { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec: { replicas: 1, selector: { matchLabels: labels }, template } },
    'a-person',
  )
  const ports = [{ port: 8080, targetPort: 80, protocol: 'TCP' }]
  api.store.put({ apiVersion: 'v1', kind: 'Service', metadata, spec: { type: 'ClusterIP', selector: labels, ports } }, 'a-person')
}
