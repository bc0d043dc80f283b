import { Failure } from '../failure.ts'
import { condition, type KubernetesObject } from '../kubernetes/object.ts'
import { plain } from '../text/plain.ts'
import { quote } from '../text/quote.ts'
import { causeOf } from './causes.ts'

/** Why an object of Flux isn't Ready. */
export interface Verdict {
  /** `Kustomization flux-system/apps` */
  object: string
  reason: string
  /** Flux's own words, made safe to show and shortened. */
  message: string
  cause?: string
  fix?: string[]
  /** It may come right by itself when Flux tries again; otherwise something has to be changed. */
  heals: boolean
}

/** Reasons after which trying the same again gives the same. https://fluxcd.io/flux/components/kustomize/kustomizations/#conditions */
const final = new Set([
  'BuildFailed',
  'AuthenticationFailed',
  'InvalidProviderConfiguration',
  'InvalidChartReference',
  'EmptyGitRepository',
])

/**
 * Why a Kustomization, source or HelmRelease isn't Ready; undefined while it is Ready, or still at work with no failure yet.
 * It judges the object as it is: whether that is the state after the last push is the caller's to know.
 */
export function verdictOf(object: KubernetesObject): Verdict | undefined {
  const stalled = condition(object, 'Stalled')
  const ready = condition(object, 'Ready')
  const fetch = condition(object, 'FetchFailed')
  const failed = [stalled, fetch].find((each) => each?.status === 'True') ?? (ready?.status === 'False' ? ready : undefined)
  if (failed === undefined) return undefined
  const message = failed.message ?? ''
  const { heals, ...known } = causeOf(message) ?? byReason(object, failed.reason ?? '') ?? { heals: !final.has(failed.reason ?? '') }
  return {
    object: nameOf(object),
    reason: plain(failed.reason ?? 'Unknown', 80),
    message: quote(message, 300),
    ...safe(known),
    heals: heals && stalled?.status !== 'True',
  }
}

/** What a person is told of it. */
export function failureOfVerdict(verdict: Verdict): Failure {
  return new Failure({
    id: 'flux-failed',
    exit: 'partly',
    what: `The Flux ${verdict.object} failed: ${verdict.reason}.`,
    why: [verdict.cause, `Flux says: ${verdict.message}`].filter(Boolean).join(' '),
    fix: verdict.fix ?? [],
  })
}

export function nameOf(object: KubernetesObject): string {
  const { name, namespace } = object.metadata
  return `${object.kind} ${namespace === undefined ? name : `${namespace}/${name}`}`
}

function byReason(object: KubernetesObject, reason: string): { cause: string; fix: string[]; heals: boolean } | undefined {
  const { name, namespace } = object.metadata
  if (reason === 'RetriesExceeded') {
    return {
      cause: 'Helm has used up its attempts, and Flux does not try again by itself.',
      fix: [`flux reconcile helmrelease ${name} -n ${namespace} --reset`],
      heals: false,
    }
  }
  if (reason === 'InstallFailed' || reason === 'UpgradeFailed') {
    return { cause: 'Helm could not bring the release up in time.', fix: [`kubectl get pods -n ${namespace}`], heals: true }
  }
  return undefined
}

/** Names in a cause were cut out of Flux's message. */
function safe(known: { cause?: string; fix?: string[] }): { cause?: string; fix?: string[] } {
  return {
    ...(known.cause === undefined ? {} : { cause: plain(known.cause) }),
    ...(known.fix === undefined || known.fix.length === 0 ? {} : { fix: known.fix.map((each) => plain(each)) }),
  }
}
