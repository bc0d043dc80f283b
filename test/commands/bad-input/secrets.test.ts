import { makeToken } from '../../canary.ts'
import type { Place } from './place.ts'
import { type Row, refuses } from './refusals.ts'

const namespace = 'external-secrets'
const name = 'onepassword-connect-token'
const exit = 'blocked'

/** The token's Secret with another token in it, as somebody left it there. */
const held =
  (more: { metadata?: object; [field: string]: unknown } = {}) =>
  async (at: Place) => {
    const token = makeToken()
    const { metadata, ...fields } = more
    const data = { token: Buffer.from(token).toString('base64') }
    await at.put({ apiVersion: 'v1', kind: 'Secret', type: 'Opaque', metadata: { name, namespace, ...metadata }, data, ...fields })
    return { secrets: [token] }
  }

const replacing = (more?: Parameters<typeof held>[0]) => async (at: Place) => ({ ...(await held(more)(at)), flags: { replace: true } })

const rows: Row[] = [
  {
    wrong: 'another value, and no --replace',
    with: held(),
    exit,
    id: 'secret-differs',
    what: `Secret ${namespace}/${name} holds another value than --token gives.`,
    why: 'A value that is in use is replaced only on demand.',
    fix: 'eso-bootstrap init --replace --take-ownership …',
  },
  {
    wrong: 'a value that another manager wrote',
    with: replacing(),
    exit,
    id: 'field-conflict',
    what: `.data.token of Secret ${namespace}/${name} is owned by the field manager a-person.`,
    fix: 'eso-bootstrap init --take-ownership …',
  },
  {
    wrong: 'a Secret that an ExternalSecret writes',
    with: async (at) => {
      const owner = { apiVersion: 'external-secrets.io/v1', kind: 'ExternalSecret', metadata: { name: 'connect-token', namespace } }
      const { uid } = (await at.put({ ...owner, spec: { refreshPolicy: 'OnChange', target: { creationPolicy: 'None' } } })).metadata
      const ownerReferences = [{ apiVersion: owner.apiVersion, kind: owner.kind, name: owner.metadata.name, uid }]
      return replacing({ metadata: { labels: { 'reconcile.external-secrets.io/managed': 'true' }, ownerReferences } })(at)
    },
    exit,
    id: 'secret-owned-by-external-secret',
    what: `Secret ${namespace}/${name} is written by the ExternalSecret connect-token.`,
    why: 'Whatever is put in now is overwritten at its next refresh.',
    fix: 'Change the item in 1Password that it reads',
  },
  {
    wrong: 'a Secret that Flux applies',
    with: replacing({
      metadata: { labels: { 'kustomize.toolkit.fluxcd.io/name': 'secrets', 'kustomize.toolkit.fluxcd.io/namespace': 'flux-system' } },
    }),
    exit,
    id: 'secret-owned-by-flux',
    what: `Secret ${namespace}/${name} is applied by the Flux Kustomization flux-system/secrets.`,
    why: 'Whatever is put in now is overwritten at its next reconciliation.',
    fix: 'Change it in git',
  },
  {
    wrong: 'an immutable Secret',
    with: replacing({ immutable: true }),
    exit,
    id: 'secret-immutable',
    what: `Secret ${namespace}/${name} is immutable.`,
    fix: `kubectl delete secret ${name} -n ${namespace}`,
  },
  {
    wrong: 'a Secret whose key is another one',
    with: held({ data: { password: 'bm90IGhlcmU=' }, immutable: true }),
    exit,
    id: 'secret-immutable',
    what: `Secret ${namespace}/${name} is immutable.`,
    fix: `kubectl delete secret ${name} -n ${namespace}`,
  },
]

refuses(rows)
