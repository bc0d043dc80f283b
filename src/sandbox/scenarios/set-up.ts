import { kinds } from '../kinds.ts'
import { enabled, type Files, withVault } from './files.ts'
import { putBootstrapSecrets, type Scenario, type Stage } from './stage.ts'

interface But extends Omit<Scenario, 'says' | 'files' | 'before' | 'after'> {
  /** Done to the files once all is enabled in them. */
  files?(files: Files): Files
  /** In the place of the usual Namespace and Secrets. */
  secrets?(stage: Stage): void
  /** When Flux has applied the first commit. */
  after?(stage: Stage): Promise<void> | void
}

/** All is set up by hand, and an application reads a value; but something is different. */
export function setUp(says: string, { files, secrets = putBootstrapSecrets, after, ...but }: But = {}): Scenario {
  return {
    says,
    ...but,
    files: (all, vault) => {
      const live = enabled(withVault(all, vault))
      return files?.(live) ?? live
    },
    before: (stage) => secrets(stage),
    after: async (stage) => {
      putApplication(stage)
      await after?.(stage)
    },
  }
}

/** An ExternalSecret as an application has it: of the account's first item unless told. */
export function putApplication(
  { api }: Pick<Stage, 'api'>,
  {
    name = 'my-app',
    key = 'my-app-credentials',
    property = 'api-key',
    more = {},
  }: { name?: string; key?: string; property?: string; more?: object } = {},
): void {
  const version = api.store.list(kinds.clusterSecretStore)[0]?.apiVersion ?? 'external-secrets.io/v1'
  const spec = {
    refreshInterval: '1h',
    secretStoreRef: { kind: 'ClusterSecretStore', name: 'onepassword' },
    target: { name },
    data: [{ secretKey: property, remoteRef: { key, property } }],
    ...more,
  }
  // Where the kind isn't served nobody could make one.
  if (api.store.list(kinds.crd).some((crd) => crd.metadata.name === 'externalsecrets.external-secrets.io'))
    api.store.put({ apiVersion: version, kind: 'ExternalSecret', metadata: { name, namespace: 'default' }, spec }, 'a-person')
}

export const setUpScenarios: Record<string, Scenario> = {
  'set-up': setUp('All is set up, and an application reads a value: nothing is wrong.'),
}
