import { verdictOf } from '../../flux/verdict.ts'
import { isReady } from '../../kubernetes/object.ts'
import type { ClusterCheck, Finding } from '../check.ts'
import { type FluxHere, findingOfProblem, fluxHere, fluxTold, nameOfKustomization, nameOfSource } from './flux-here.ts'
import { type Release, releasesSeen } from './releases.ts'

export const fluxSources: ClusterCheck = {
  id: 'flux-sources',
  category: 'flux',
  title: 'Flux can fetch the repositories and charts that External Secrets comes from',
  severity: 'error',
  needs: ['flux-installed'],
  page: {
    symptom: 'flux get sources all shows READY False; a push is never applied; a HelmRelease says SourceNotReady.',
    cause:
      'The deploy key or token is wrong, expired or revoked, the branch or chart does not exist, the host cannot be reached from the cluster, or the source that is named was never made.',
    fix: 'Renew the Secret that spec.secretRef of the source names, or correct its URL and ref in git. flux reconcile source git <name> tries it again.',
    sources: [
      'https://fluxcd.io/flux/components/source/gitrepositories/#debugging-a-gitrepository',
      'https://fluxcd.io/flux/components/source/helmrepositories/#debugging-a-helmrepository',
    ],
  },
  looksAt: 'cluster',
  async look(world) {
    const [{ problems = [] }, here, { releases, unseen }] = await Promise.all([fluxTold(world), fluxHere(world), releasesSeen(world)])
    const ofGit = problems.filter(({ id, about }) => id === 'flux-not-ready' && !about[0]?.startsWith('Kustomization '))
    const ofCharts = releases.flatMap((release) => failingIn(release) ?? [])
    const told = new Set(ofGit.flatMap(({ about }) => about))
    return [...missing(here), ...ofGit.map(findingOfProblem), ...ofCharts.filter(({ about }) => !told.has(about)), ...unseen]
  },
}

function missing({ view, kustomizations }: FluxHere): Finding[] {
  return kustomizations.flatMap(({ source, ...kustomization }) => {
    const { kind, namespace, name } = source
    if (view.sources.some((each) => nameOfSource(each) === nameOfSource(source))) return []
    // A kind whose list was not read (or isn't served) is not known to be missing.
    if (!view.sources.some((each) => each.kind === kind) && kind !== 'GitRepository') return []
    const why = `It does not exist, and ${nameOfKustomization(kustomization)} is built from it.`
    return [
      {
        about: nameOfSource(source),
        why,
        fix: [`kubectl get ${kind.toLowerCase()} -A`, `flux create source git ${name} -n ${namespace} …`],
      },
    ]
  })
}

/** A chart that is installed stays so: its source is needed again for the next version. */
function failingIn({ object, source, from }: Release): Finding | undefined {
  const verdict = source === undefined || source['spec']?.suspend === true ? undefined : verdictOf(source)
  if (verdict === undefined) return undefined
  const kind = from.kind.toLowerCase()
  return {
    about: nameOfSource(from),
    why: [verdict.cause, `Flux says: ${verdict.message}`].filter(Boolean).join(' '),
    fix: [...(verdict.fix ?? []), `kubectl describe ${kind} ${from.name} -n ${from.namespace}`],
    ...(isReady(object) && { severity: 'warning' }),
  }
}
