import type { ClusterCheck } from '../check.ts'
import { causes } from './causes.ts'

const provider = 'https://github.com/external-secrets/external-secrets/blob/v0.20.4/pkg/provider/onepassword/onepassword.go'
const docs = 'https://external-secrets.io/latest/provider/1password-automation/'
const common = {
  category: 'secrets',
  severity: 'error',
  needs: ['crds-served', 'operator-runs', 'store-exists'],
  looksAt: 'cluster',
} as const

export const externalSecretsReady: ClusterCheck = {
  ...common,
  // A store stays Ready for minutes with what makes all that read from it fail.
  needs: [...common.needs, 'connect-answers', 'token-accepted', 'vaults-found'],
  id: 'external-secrets-ready',
  title: 'every ExternalSecret that reads from a 1Password store that is Ready is synchronised',
  page: {
    symptom: 'kubectl get externalsecrets says SecretSyncedError; a pod waits for its Secret in CreateContainerConfigError.',
    cause:
      'The store is Ready, but this one is not filled: another ExternalSecret owns the Secret, a label cannot be a key, its template is wrong, it names a store that is not there or not for its namespace. What is known of items and fields has checks of its own, and one behind a store that is not Ready is told with the store.',
    fix: 'Do what is said of it. The operator tries again by itself, after up to seven minutes; any changed annotation makes it try at once.',
    sources: [
      'https://external-secrets.io/latest/api/externalsecret/',
      'https://external-secrets.io/latest/guides/ownership-deletion-policy/',
      'https://github.com/external-secrets/external-secrets/issues/2035',
    ],
  },
  look: async (world) => (await causes(world)).ready,
}

export const itemsFound: ClusterCheck = {
  ...common,
  id: 'items-found',
  title: 'every item that an ExternalSecret reads is in a vault of its store',
  page: {
    symptom: 'The event says: key not found in 1Password Vaults.',
    cause:
      'No vault of the store has an item with exactly this title. An id is looked for in the first vault alone, and only ESO 2.2 and later know ids of 26 letters and digits.',
    fix: 'List the vault with op item list --vault <vault>, and write the title into remoteRef.key as it is there; or move the item, or add its vault to the store with eso-bootstrap init --vault <title-or-id>.',
    sources: [docs, provider],
  },
  async look(world) {
    const { item, unseen } = await causes(world)
    return [...item, ...unseen]
  },
}

export const itemsUnique: ClusterCheck = {
  ...common,
  id: 'items-unique',
  title: 'every title that an ExternalSecret reads is one item in its vault',
  page: {
    symptom: 'The event says: expected one 1Password Item matching.',
    cause: 'Two items of one vault have the same title, which 1Password allows. The operator does not choose, and does not look further.',
    fix: 'Rename or archive one of them, or write the id of the right one into remoteRef.key (ESO 2.2 and later).',
    sources: [docs, provider],
  },
  async look(world) {
    const { items, unseen } = await causes(world)
    return [...items, ...unseen]
  },
}

export const fieldsFound: ClusterCheck = {
  ...common,
  id: 'fields-found',
  title: 'every field or file that an ExternalSecret reads is in its item once',
  page: {
    symptom:
      'The event says: expected one 1Password ItemField matching, with the number that there are; or: error finding 1Password Document.',
    cause:
      'property is the label of a field, letter by letter, over all sections of the item; without property it is the label password. Where two fields have the label, also in different sections, none is taken, and dataFrom.extract fails for the whole item.',
    fix: 'See the labels with op item get <item> --vault <vault>, and rename the field or change remoteRef.property.',
    sources: [docs, provider, 'https://github.com/external-secrets/external-secrets/issues/4805'],
  },
  async look(world) {
    const { field, unseen } = await causes(world)
    return [...field, ...unseen]
  },
}
