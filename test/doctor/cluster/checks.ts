import type { ClusterCheck } from '../../../src/doctor/check.ts'
import { apiServer } from '../../../src/doctor/cluster/api-server.ts'
import { crdsServed } from '../../../src/doctor/cluster/definitions.ts'
import { fluxBranch } from '../../../src/doctor/cluster/flux-branch.ts'
import { fluxInstalled } from '../../../src/doctor/cluster/flux-installed.ts'
import { fluxReady } from '../../../src/doctor/cluster/flux-ready.ts'
import { fluxRevision } from '../../../src/doctor/cluster/flux-revision.ts'
import { fluxSources } from '../../../src/doctor/cluster/flux-sources.ts'
import { fluxSuspended } from '../../../src/doctor/cluster/flux-suspended.ts'
import { helmReleases } from '../../../src/doctor/cluster/helm-releases.ts'
import { lockFree } from '../../../src/doctor/cluster/lock.ts'
import { namespaceExists, namespaceKept } from '../../../src/doctor/cluster/namespace.ts'
import { operatorRuns } from '../../../src/doctor/cluster/operator.ts'
import { secretOwners } from '../../../src/doctor/cluster/secret-owners.ts'
import { crdsCurrent } from '../../../src/doctor/cluster/stored-versions.ts'
import { webhookAnswers } from '../../../src/doctor/cluster/webhook.ts'

/** Causes before what they cause. */
export const clusterChecks: readonly ClusterCheck[] = [
  ...[apiServer, lockFree, fluxInstalled, fluxSuspended, fluxSources, fluxBranch, fluxRevision, namespaceExists, namespaceKept],
  ...[operatorRuns, crdsServed, crdsCurrent, helmReleases, webhookAnswers, fluxReady, secretOwners],
]
