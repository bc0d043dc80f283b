import type { ClusterCheck, Finding } from '../check.ts'
import { findingOfProblem, fluxTold, nameOfSource } from './flux-here.ts'
import { type Release, releasesSeen } from './releases.ts'

export const fluxSuspended: ClusterCheck = {
  id: 'flux-suspended',
  category: 'flux',
  title: 'nothing of Flux that concerns External Secrets is suspended',
  severity: 'warning',
  needs: ['flux-installed'],
  explains: true,
  page: {
    symptom: 'A commit is pushed and nothing happens; flux says "resource is suspended"; SUSPENDED is True in flux get all.',
    cause:
      'Somebody ran flux suspend, for a repair perhaps, and nobody ran flux resume. A suspended object keeps its last state and looks Ready.',
    fix: 'flux resume, with the kind and the name that are told. What has changed in git meanwhile is applied at once.',
    sources: [
      'https://fluxcd.io/flux/components/kustomize/kustomizations/#suspend',
      'https://fluxcd.io/flux/components/helm/helmreleases/#suspend',
      'https://fluxcd.io/flux/cmd/flux_resume/',
    ],
  },
  looksAt: 'cluster',
  async look(world) {
    const [{ problems = [] }, { releases, unseen }] = await Promise.all([fluxTold(world), releasesSeen(world)])
    return [...problems.filter(({ id }) => id === 'suspended').map(findingOfProblem), ...releases.flatMap(suspendedIn), ...unseen]
  },
}

const why = 'It is suspended: Flux does nothing with it until it is resumed.'

function suspendedIn({ object, source, from }: Release): Finding[] {
  const { name, namespace = '' } = object.metadata
  const found: Finding[] = []
  if (object['spec']?.suspend === true)
    found.push({
      about: nameOfSource({ kind: 'HelmRelease', namespace, name }),
      why,
      fix: [`flux resume helmrelease ${name} -n ${namespace}`],
    })
  if (source?.['spec']?.suspend === true)
    found.push({ about: nameOfSource(from), why, fix: [`flux resume source ${word(from.kind)} ${from.name} -n ${from.namespace}`] })
  return found
}

/** As `flux resume source` calls a kind: https://fluxcd.io/flux/cmd/flux_resume_source/ */
function word(kind: string): string {
  return (
    { HelmRepository: 'helm', GitRepository: 'git', OCIRepository: 'oci', Bucket: 'bucket', HelmChart: 'chart' }[kind] ?? kind.toLowerCase()
  )
}
