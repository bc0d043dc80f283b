import { verdictOf } from '../../flux/verdict.ts'
import { isReady } from '../../kubernetes/object.ts'
import type { ClusterCheck, Finding, NotSeen } from '../check.ts'
import { nameOfSource } from './flux-here.ts'
import { type Release, releasesHere } from './releases.ts'

export const helmReleases: ClusterCheck = {
  id: 'helm-releases',
  category: 'operator',
  title: 'the Helm releases of External Secrets Operator and Connect are Ready',
  severity: 'error',
  needs: ['flux-installed', 'operator-runs'],
  page: {
    symptom: 'flux get helmreleases shows READY False: InstallFailed, UpgradeFailed, RetriesExceeded, or a rollback.',
    cause:
      'The chart has no such version, its values do not fit, the cluster refused what it renders, or its pods were not ready in time. After its last attempt Helm does not try again by itself.',
    fix: 'Mend what the message names, then flux reconcile helmrelease <name> -n <namespace> --reset.',
    sources: [
      'https://fluxcd.io/flux/components/helm/helmreleases/#debugging-a-helmrelease',
      'https://fluxcd.io/flux/components/helm/helmreleases/#resetting-remediation-retries',
    ],
  },
  looksAt: 'cluster',
  async look(world) {
    return (await releasesHere(world)).flatMap(judged)
  },
}

function judged({ object, source, from }: Release): (Finding | NotSeen)[] {
  if (object['spec']?.suspend === true) return []
  const { name, namespace = '' } = object.metadata
  const about = nameOfSource({ kind: 'HelmRelease', namespace, name })
  const verdict = verdictOf(object)
  if (verdict === undefined)
    return isReady(object) ? [] : [{ notSeen: about, why: 'Flux is at work on it: whether it will be Ready is not known yet.' }]
  // https://fluxcd.io/flux/components/helm/helmreleases/#conditions
  const isOnlyBehind = /^(SourceNotReady|ArtifactFailed)$/.test(verdict.reason) && source !== undefined && verdictOf(source) !== undefined
  if (isOnlyBehind) return [{ notSeen: about, why: `It waits for its source, the ${nameOfSource(from)}, which can't be fetched.` }]
  const why = [verdict.cause, `Flux says: ${verdict.reason}, ${verdict.message}`].filter(Boolean).join(' ')
  return [{ about, why, fix: [...(verdict.fix ?? []), `kubectl describe helmrelease ${name} -n ${namespace}`] }]
}
