import { kinds } from '../../../src/sandbox/kinds.ts'
import { type At, type Row, refuses, tokenSecret } from './refusals.ts'

const exit = 'blocked'
const what = 'Secret external-secrets/onepassword-connect-token'

/** The Secret with this metadata. */
const labelled = (metadata: (at: At) => object) => (at: At) => at.change(...tokenSecret, { metadata: metadata(at) })

/** As `kubectl create secret` left it. */
async function byKubectl(at: At): Promise<void> {
  const found = at.sandbox.api.store.get(...tokenSecret)
  await at.remove(...tokenSecret)
  const metadata = { name: 'onepassword-connect-token', namespace: 'external-secrets' }
  at.sandbox.api.store.put({ apiVersion: 'v1', kind: 'Secret', metadata, type: 'Opaque', data: found?.['data'] }, 'kubectl-create')
}

/** Another store, with another Secret that holds this. */
async function otherStore(at: At, value: string | undefined): Promise<void> {
  const token = { name: 'apps-token', namespace: 'external-secrets' }
  const data = { token: Buffer.from(value ?? '').toString('base64') }
  if (value !== undefined) await at.put({ apiVersion: 'v1', kind: 'Secret', metadata: token, type: 'Opaque', data })
  const found = at.sandbox.api.store.get(kinds.clusterSecretStore, undefined, 'onepassword')
  const { onepassword } = found?.['spec'].provider ?? {}
  const auth = { secretRef: { connectTokenSecretRef: { ...token, key: 'token' } } }
  await at.put({
    apiVersion: found?.apiVersion ?? '',
    kind: 'ClusterSecretStore',
    metadata: { name: 'apps' },
    spec: { provider: { onepassword: { ...onepassword, auth } } },
  })
}

const rows: Row[] = [
  {
    wrong: 'no Secret',
    with: (at) => at.remove(...tokenSecret),
    exit,
    id: 'token-secret-missing',
    what: `${what} does not exist, or has no key token, so there is nothing to rotate.`,
    fix: 'eso-bootstrap init',
  },
  {
    wrong: 'another key in the Secret',
    with: (at) => {
      const found = at.sandbox.api.store.get(...tokenSecret)
      if (found === undefined) throw new Error('there is no token Secret')
      return at.put({ ...found, data: { password: found['data'].token } })
    },
    exit,
    id: 'token-secret-missing',
    what: `${what} does not exist, or has no key token, so there is nothing to rotate.`,
    fix: 'eso-bootstrap init',
  },
  {
    wrong: 'a Secret that Flux applies',
    with: labelled(() => ({
      labels: { 'kustomize.toolkit.fluxcd.io/name': 'apps', 'kustomize.toolkit.fluxcd.io/namespace': 'flux-system' },
    })),
    exit,
    id: 'secret-owned-by-flux',
    what: `${what} is applied by the Flux Kustomization flux-system/apps.`,
    why: 'Whatever is put in now is overwritten at its next reconciliation.',
    fix: 'Change it in git',
  },
  {
    wrong: 'a Secret that an ExternalSecret writes',
    with: labelled((at) => {
      const { uid = '' } = at.externalSecret('my-app')?.metadata ?? {}
      return { ownerReferences: [{ apiVersion: 'external-secrets.io/v1', kind: 'ExternalSecret', name: 'bridge', uid, controller: true }] }
    }),
    exit,
    id: 'secret-owned-by-external-secret',
    what: `${what} is written by the ExternalSecret bridge.`,
    fix: 'Change the item in 1Password that it reads',
  },
  {
    wrong: 'an immutable Secret',
    with: (at) => at.change(...tokenSecret, { immutable: true }),
    exit,
    id: 'secret-immutable',
    what: `${what} is immutable.`,
    fix: "kubectl get secret onepassword-connect-token -n external-secrets -o yaml | sed '/^immutable:/d' | kubectl replace --force -f -",
  },
  {
    wrong: 'a Secret that was made with kubectl',
    with: byKubectl,
    exit,
    id: 'field-conflict',
    what: `.data.token of ${what} is owned by the field manager kubectl-create.`,
    fix: 'eso-bootstrap rotate-token --take-ownership …',
  },
  {
    wrong: 'no store at all',
    with: async (at) => {
      await at.remove(kinds.clusterSecretStore, undefined, 'onepassword')
      await at.remove(kinds.secretStore, 'external-secrets', 'onepassword')
    },
    exit,
    id: 'no-store',
    what: 'No store in this cluster reads 1Password through Connect, so there is no token to rotate.',
    fix: 'kubectl get clustersecretstores,secretstores -A',
  },
  {
    wrong: 'a store that is not there',
    with: () => ({ flags: { store: 'apps/onepassword' } }),
    exit: 'usage',
    id: 'store-unknown',
    what: 'No 1Password store has the name that --store gives.',
    why: 'There are ClusterSecretStore onepassword, SecretStore external-secrets/onepassword.',
    fix: 'eso-bootstrap rotate-token --store external-secrets/onepassword',
  },
  {
    wrong: 'stores with several Secrets',
    with: (at) => otherStore(at, at.held()),
    exit: 'usage',
    id: 'several-secrets',
    what: 'The stores take their tokens from 2 Secrets: external-secrets/apps-token (token), external-secrets/onepassword-connect-token (token).',
    why: 'One is rotated at a time. A store that uses it names it.',
    fix: 'eso-bootstrap rotate-token --store apps',
  },
  {
    wrong: 'the old token to be deleted, which another Secret holds too',
    with: async (at) => {
      await otherStore(at, at.held())
      return { flags: { store: 'onepassword', 'revoke-old': true } }
    },
    exit,
    id: 'token-used-elsewhere',
    what: 'The old token can not be deleted yet: Secret external-secrets/apps-token of ClusterSecretStore apps holds it too.',
    why: 'They would stop working the moment it is deleted.',
    fix: 'Rotate them first, each with --store',
  },
  {
    wrong: 'the old token to be deleted, of which there is a copy in another namespace',
    with: async (at) => {
      const found = at.sandbox.api.store.get(...tokenSecret)
      const metadata = { name: 'onepassword-connect-token', namespace: 'default' }
      await at.put({ apiVersion: 'v1', kind: 'Secret', metadata, type: 'Opaque', data: found?.['data'] })
      return { flags: { 'revoke-old': true } }
    },
    exit,
    id: 'token-used-elsewhere',
    what: 'The old token can not be deleted yet: Secret default/onepassword-connect-token holds it too.',
    fix: 'Rotate them first',
  },
  {
    wrong: 'nothing to prove it with',
    with: (at) => at.remove(kinds.externalSecret, 'default', 'my-app'),
    exit,
    id: 'nothing-to-prove-with',
    what: 'No ExternalSecret reads from ClusterSecretStore onepassword, SecretStore external-secrets/onepassword, so nothing would prove the new token.',
    why: 'A token counts as good only when a value has come through with it. That of an item you name is never shown.',
    fix: 'eso-bootstrap rotate-token --verify-item <item>/<field> …',
  },
  {
    wrong: 'another run at work',
    with: (at) => {
      const now = `${new Date().toISOString().slice(0, -1)}000Z`
      const spec = { holderIdentity: 'bob@laptop 1234', leaseDurationSeconds: 60, acquireTime: now, renewTime: now }
      const metadata = { name: 'eso-bootstrap', namespace: 'external-secrets' }
      return at.put({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata, spec })
    },
    exit: 'busy',
    id: 'busy',
    what: 'Another run is at work on the namespace external-secrets: bob@laptop 1234 since <time>.',
    why: 'It holds the Lease eso-bootstrap, which expires at <time> unless it is renewed.',
    fix: 'Wait until it has ended, then run this again.',
  },
]

refuses(rows)
