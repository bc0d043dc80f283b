import type { Check } from './check.ts'
import { apiServer } from './cluster/api-server.ts'
import { crdsServed } from './cluster/definitions.ts'
import { fluxBranch } from './cluster/flux-branch.ts'
import { fluxInstalled } from './cluster/flux-installed.ts'
import { fluxReady } from './cluster/flux-ready.ts'
import { fluxRevision } from './cluster/flux-revision.ts'
import { fluxSources } from './cluster/flux-sources.ts'
import { fluxSuspended } from './cluster/flux-suspended.ts'
import { helmReleases } from './cluster/helm-releases.ts'
import { lockFree } from './cluster/lock.ts'
import { namespaceExists, namespaceKept } from './cluster/namespace.ts'
import { operatorRuns } from './cluster/operator.ts'
import { secretOwners } from './cluster/secret-owners.ts'
import { crdsCurrent } from './cluster/stored-versions.ts'
import { webhookAnswers } from './cluster/webhook.ts'
import { storeApiVersion } from './files/api-version.ts'
import { connectHost } from './files/connect-host.ts'
import { componentsListed, folderFound, folderReadable } from './files/folder.ts'
import { healthChecksLive } from './files/health-checks.ts'
import { itemIdSupported } from './files/item-ids.ts'
import { operatorApart } from './files/operator-apart.ts'
import { filesReached } from './files/reached.ts'
import { noSecretInGit } from './files/secrets-in-git.ts'
import { storeRace } from './files/store-race.ts'
import { storeTokenNamespace } from './files/store-token.ts'
import { storeVaults, vaultIdCase, vaultIdSupported } from './files/vaults.ts'
import { connectAnswers, connectLog, sameServer, tokenAccepted, vaultsFound } from './onepassword/answers.ts'
import { connectExists, connectRestarted, connectRuns, connectVersion } from './onepassword/connect.ts'
import { credentialsSecret, credentialsWhole } from './onepassword/credentials.ts'
import { credentialsEncoding } from './onepassword/encoding.ts'
import { storeExists, storesReady } from './onepassword/stores.ts'
import { tokenExpired, tokenExpiring, tokenKind, tokenSecret, tokenWhitespace } from './onepassword/token.ts'
import { externalSecretsReady, fieldsFound, itemsFound, itemsUnique } from './secrets/external-secrets.ts'
import { secretsOwnKeys } from './secrets/own-keys.ts'
import { encryptionAtRest } from './security/encryption.ts'
import { connectExposed } from './security/exposed.ts'
import { networkPolicy } from './security/network-policy.ts'
import { podsHealthy } from './security/pods.ts'
import { rbacNarrow } from './security/rbac.ts'

/** All checks, causes before what they cause: in this order findings of the same severity are told. */
export const checks: readonly Check[] = [
  ...[apiServer, lockFree, fluxInstalled, fluxSuspended, fluxSources, fluxBranch],
  ...[folderFound, folderReadable, noSecretInGit, operatorApart, storeApiVersion, storeTokenNamespace, connectHost],
  ...[vaultIdCase, vaultIdSupported, namespaceExists, operatorRuns, helmReleases, crdsServed, webhookAnswers],
  ...[fluxReady, fluxRevision, secretOwners, componentsListed, storeVaults],
  ...[credentialsSecret, credentialsWhole, credentialsEncoding, tokenSecret, tokenKind, tokenWhitespace, tokenExpired],
  ...[connectExists, podsHealthy, connectRuns, connectRestarted, connectLog, connectAnswers, sameServer, tokenAccepted, vaultsFound],
  ...[storeExists, storesReady, externalSecretsReady, itemsFound, itemsUnique, fieldsFound],
  ...[
    tokenExpiring,
    connectVersion,
    namespaceKept,
    crdsCurrent,
    storeRace,
    itemIdSupported,
    secretsOwnKeys,
    healthChecksLive,
    filesReached,
  ],
  ...[connectExposed, rbacNarrow, encryptionAtRest, networkPolicy],
]
