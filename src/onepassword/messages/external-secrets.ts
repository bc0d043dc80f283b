import type { Message } from '../message.ts'
import { withItem } from '../remedies.ts'

const eso = 'https://github.com/external-secrets/external-secrets'
const provider = `${eso}/blob/v0.20.4/pkg/provider/onepassword/onepassword.go`
const controller = `${eso}/blob/v0.20.4/pkg/controllers/externalsecret/externalsecret_controller.go`
const manager = `${eso}/blob/v0.20.4/pkg/controllers/secretstore/client_manager.go`

/** In the events and conditions of ExternalSecrets. */
export const externalSecrets: readonly Message[] = [
  {
    id: 'item-not-found',
    texts: ['key not found in 1Password Vaults: … in:', 'Found 0 item(s) in vault "…" with title "…"'],
    what: (found) => `No item "${found.at(-1)}" is in the vaults that the store reads.`,
    why: 'An item is found by its exact title, or by its id; an id is looked for in the first vault alone.',
    fix: (setting) => ['op item list --vault <vault>', ...withItem(setting, '<item>/<field>')],
    source: provider,
  },
  {
    id: 'item-ambiguous',
    texts: ["expected one 1Password Item matching: '…', got …"],
    what: ([title, count]) => `${count} items in one vault have the title "${title}".`,
    why: 'A title must be unique in its vault; an id always is.',
    fix: ['op item list --vault <vault>'],
    patience: 2_000,
    source: provider,
  },
  {
    id: 'field-not-found',
    texts: ["expected one 1Password ItemField matching: '…' in '…', got …"],
    what: ([label, item, count]) => `The item "${item}" has ${count} fields with the label "${label}"; there must be one.`,
    why: 'Labels are compared letter by letter, over all sections of the item.',
    fix: (setting) => ['op item get <item> --vault <vault>', ...withItem(setting, '<item>/<label>')],
    patience: 2_000,
    source: `${eso}/issues/4805`,
  },
  {
    id: 'file-not-found',
    texts: ["error finding 1Password Document: '…', '…'"],
    what: ([item, file]) => `The item "${item}" has no file "${file}".`,
    why: 'Of a document, and after file/, property is the name of a file.',
    fix: ['op item get <item> --vault <vault>'],
    source: provider,
  },
  {
    id: 'reference-not-supported',
    texts: ["'…' is not implemented in the 1Password provider"],
    what: ([field]) => `The 1Password provider does not know ${field}.`,
    why: '1Password Connect gives an item as it is now; find.tags came with a later version of the operator.',
    fix: ['Take it out of the ExternalSecret'],
    source: provider,
  },
  {
    id: 'key-invalid',
    texts: ['key has invalid character', 'a valid config key must consist of alphanumeric characters'],
    what: 'A label of the item cannot be a key of a Secret.',
    why: 'dataFrom takes every label for a key, and a key has only letters, digits, dots, dashes and underscores.',
    fix: ['Rename the field in 1Password, or add a rewrite: https://external-secrets.io/latest/guides/datafrom-rewrite/'],
    source: `${eso}/blob/v0.20.4/pkg/esutils/utils.go`,
  },
  {
    id: 'target-owned',
    texts: ['secret is owned by another ExternalSecret: …', 'target is owned by another ExternalSecret'],
    what: 'Another ExternalSecret has the Secret for itself.',
    why: 'It has creationPolicy Owner; since 0.11 no other one may write to its Secret, also not with Merge.',
    fix: ['Give one of them another spec.target.name, or creationPolicy Orphan to the one that makes it and Merge to the other'],
    source: `${eso}/issues/4225`,
  },
  {
    id: 'target-immutable',
    texts: ['secret is immutable', 'target is immutable'],
    what: 'The Secret is immutable, and what goes into it has changed.',
    why: 'Nobody can change it any more; it can only be made anew.',
    fix: ['kubectl delete secret <name> -n <namespace>   (the operator makes it again)'],
    source: controller,
  },
  {
    id: 'template-failed',
    texts: ['could not apply template: ', 'could not execute template: '],
    what: 'The template in spec.target does not work.',
    why: 'It names a key that is not fetched, or its syntax is wrong.',
    fix: ['https://external-secrets.io/latest/guides/templating/'],
    source: controller,
  },
  {
    id: 'store-not-for-namespace',
    texts: ['using cluster store "…" is not allowed from namespace "…": denied by spec.condition'],
    what: ([store, namespace]) => `The ClusterSecretStore ${store} is not for the namespace ${namespace}.`,
    why: 'Its spec.conditions say from which namespaces it may be used.',
    fix: ({ command }) => [
      'kubectl get clustersecretstores -o yaml',
      ...(command === 'verify' ? ['eso-bootstrap verify --namespace <one of them> …'] : []),
    ],
    patience: 2_000,
    source: manager,
  },
  {
    id: 'store-not-there',
    texts: ['could not get ClusterSecretStore "…"', 'could not get SecretStore "…"'],
    what: ([store]) => `There is no store ${store}.`,
    why: 'Its name or kind in secretStoreRef is another one; a SecretStore has to be in the namespace of the ExternalSecret.',
    fix: ['kubectl get clustersecretstores,secretstores -A'],
    patience: 60_000,
    source: manager,
  },
]
