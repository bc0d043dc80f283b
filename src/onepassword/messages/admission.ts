import type { Message } from '../message.ts'
import { forInit } from '../remedies.ts'

const eso = 'https://github.com/external-secrets/external-secrets'
const provider = `${eso}/blob/v0.20.4/pkg/provider/onepassword/onepassword.go`

/** What the operator's webhook says of a store, and what is said of the webhook. */
export const admission: readonly Message[] = [
  {
    id: 'webhook-not-answering',
    texts: ['failed calling webhook "validate.…external-secrets.io"'],
    what: "The webhook of External Secrets Operator doesn't answer.",
    why: 'Its pod is starting, or gone, or the API server does not reach it; until it answers, no store is taken.',
    fix: ['kubectl get pods,endpointslices -A -l app.kubernetes.io/name=external-secrets-webhook'],
    patience: 120_000,
    source: `${eso}/issues/6450`,
  },
  {
    id: 'store-without-namespace',
    texts: ['received invalid 1Password SecretStore resource: cluster scope requires namespace', 'cluster scope requires namespace'],
    what: 'A ClusterSecretStore does not say in which namespace the Secret of its token is.',
    why: 'It has none of its own, so connectTokenSecretRef has to name it.',
    fix: ['Add namespace: external-secrets below connectTokenSecretRef'],
    source: `${eso}/issues/2892`,
  },
  {
    id: 'store-foreign-namespace',
    texts: ['namespace should either be empty or match the namespace of the SecretStore'],
    what: 'A SecretStore takes its token from another namespace.',
    why: 'Only a ClusterSecretStore may; a SecretStore reads Secrets of its own namespace.',
    fix: ['Take namespace out of connectTokenSecretRef, and put the token into the namespace of the store'],
    source: `${eso}/blob/v0.20.4/pkg/esutils/utils.go`,
  },
  {
    id: 'store-without-vaults',
    texts: ['must be at least one vault: spec.provider.onepassword.vaults'],
    what: 'A store names no vault.',
    why: 'It searches the vaults below spec.provider.onepassword.vaults, and no others.',
    fix: (setting) => ['op vault list', ...forInit(setting, '--vault <title-or-id>')],
    source: provider,
  },
  {
    id: 'store-vault-orders',
    texts: ['vault order numbers must be unique'],
    what: 'Two vaults of a store have the same number.',
    why: 'The numbers say in which order the vaults are searched.',
    fix: ['Give each vault below spec.provider.onepassword.vaults a number of its own'],
    source: provider,
  },
  {
    id: 'store-invalid',
    texts: ['received invalid 1Password SecretStore resource: '],
    what: 'The operator takes a store for invalid: something of its 1Password provider is missing, or connectHost is no URL.',
    why: 'It needs connectHost, vaults, and name and key of connectTokenSecretRef.',
    fix: ['kubectl get clustersecretstores,secretstores -A -o yaml'],
    source: provider,
  },
]
