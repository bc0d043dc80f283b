import type { KubernetesObject } from '../../kubernetes/object.ts'
import { customResourceDefinitions, services } from '../../kubernetes/resources.ts'
import type { ClusterCheck, Finding } from '../check.ts'
import type { DoctorWorld } from '../world.ts'
import { operatorTold } from './operator.ts'

const group = 'external-secrets.io'
/** The kinds that got v1: https://github.com/external-secrets/external-secrets/releases/tag/v0.16.0 */
const plurals = ['clustersecretstores', 'secretstores', 'externalsecrets', 'clusterexternalsecrets']

export const crdsCurrent: ClusterCheck = {
  id: 'crds-current',
  category: 'operator',
  title: 'the CRDs fit the operator that runs, and nothing is stored at a version that has ended',
  severity: 'warning',
  needs: ['crds-served', 'operator-runs'],
  page: {
    symptom:
      'An upgrade of the chart is refused: status.storedVersions: Invalid value: "v1beta1": must appear in spec.versions. Or the operator crashes: no matches for kind "ExternalSecret" in version "external-secrets.io/v1".',
    cause:
      'Since 0.16 objects are stored at v1, and since 0.17 v1beta1 is not served. The API server keeps a list of all versions that were ever stored, and refuses a CRD without one of those. CRDs that are kept apart from the chart may be older than the operator.',
    fix: 'Write every object anew, so that it is stored at v1, then take the old version off the list (status.storedVersions). Upgrade CRDs before the operator.',
    sources: [
      'https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definition-versioning/#upgrade-existing-objects-to-a-new-stored-version',
      'https://github.com/external-secrets/external-secrets/issues/4662',
      'https://github.com/external-secrets/external-secrets/issues/4665',
    ],
  },
  looksAt: 'cluster',
  async look(world) {
    const [found, { facts }] = await Promise.all([Promise.all(plurals.map((plural) => definition(world, plural))), operatorTold(world)])
    const version = facts?.workloads[0]?.version
    const there = found.filter((each) => each !== undefined)
    const unconverted = await Promise.all(there.map((each) => conversionOf(world, each)))
    return there.flatMap((each, at) => [...outdated(each), ...unfit(each, version), ...(unconverted[at] ?? [])])
  },
}

function definition({ cluster, signal }: DoctorWorld, plural: string): Promise<KubernetesObject | undefined> {
  return cluster.get(customResourceDefinitions, `${plural}.${group}`, undefined, signal)
}

interface Version {
  name: string
  served?: boolean
  storage?: boolean
}

const versionsOf = (found: KubernetesObject): Version[] => found['spec']?.versions ?? []
const about = (found: KubernetesObject) => `CustomResourceDefinition ${found.metadata.name}`

function outdated(found: KubernetesObject): Finding[] {
  const stored: string[] = found['status']?.storedVersions ?? []
  const served = versionsOf(found)
    .filter((each) => each.served)
    .map(({ name }) => name)
  const ended = stored.filter((each) => !served.includes(each))
  const now = versionsOf(found).find(({ storage }) => storage)?.name
  if (ended.length === 0 || now === undefined) return []
  const { name } = found.metadata
  const why = `Objects may still be stored at ${ended.join(' and ')}, no longer served: a chart that drops it is refused by the API server.`
  const namespaced = found['spec']?.scope === 'Namespaced' ? ' -A' : ''
  return [
    {
      about: about(found),
      why,
      fix: [
        `kubectl get ${name}${namespaced} -o json | kubectl replace -f -`,
        `kubectl patch crd ${name} --subresource=status --type=merge -p '{"status":{"storedVersions":["${now}"]}}'`,
      ],
    },
  ]
}

/** An operator since 0.16 reads v1 and nothing else; one before reads v1beta1. */
function unfit(found: KubernetesObject, version: string | undefined): Finding[] {
  const [, major, minor] = /^(\d+)\.(\d+)\./.exec(version ?? '') ?? []
  if (major === undefined) return []
  const reads = major === '0' && Number(minor) < 16 ? 'v1beta1' : 'v1'
  if (versionsOf(found).some(({ name, served }) => name === reads && served)) return []
  const why = `The operator ${version} reads ${reads}, which this CRD does not serve: the two come from different charts.`
  return [{ about: about(found), why, fix: ['Bring CRDs and operator to the same version of the chart'], severity: 'error' }]
}

/**
 * Older charts had a webhook convert between versions, and one that is left behind and isn't there fails such reads
 * (`crds.conversion.enabled`): https://github.com/external-secrets/external-secrets/blob/main/deploy/charts/external-secrets/values.yaml
 */
async function conversionOf({ cluster, signal }: DoctorWorld, found: KubernetesObject): Promise<Finding[]> {
  const { strategy, webhook } = found['spec']?.conversion ?? {}
  const service: { namespace: string; name: string } | undefined = webhook?.clientConfig?.service
  if (strategy !== 'Webhook' || service === undefined) return []
  if ((await cluster.get(services, service.name, service.namespace, signal)) !== undefined) return []
  const { name } = found.metadata
  const why = `It wants a webhook to convert what is stored at another version, and the Service ${service.namespace}/${service.name} does not exist.`
  const patch = `kubectl patch crd ${name} --type=merge -p '{"spec":{"conversion":{"strategy":"None","webhook":null}}}'`
  return [{ about: about(found), why, fix: [patch] }]
}
