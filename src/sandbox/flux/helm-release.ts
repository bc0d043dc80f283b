import { createHash } from 'node:crypto'
import { condition, isReady, type KubernetesObject } from '../../kubernetes/object.ts'
import { timestamp, withCondition } from '../conditions.ts'
import { type Controller, type Key, keyOf } from '../controller.ts'
import { milliseconds } from '../durations.ts'
import { recordEvent } from '../events.ts'
import { is, kindOf, kinds } from '../kinds.ts'
import { type Store, setStatus } from '../store.ts'
import type { Apply } from './apply.ts'
import { type Chart, charts } from './charts.ts'
import { failed, progressing, requestedAt, succeeded } from './status.ts'
import { matching } from './versions.ts'

const manager = 'helm-controller'

/** Installs a chart for a HelmRelease and waits until its Deployments are available. */
export function helmReleaseController(store: Store, apply: Apply): Controller {
  const installed = new Map<string, { cause: string; objects: KubernetesObject[] }>()
  const id = (key: Key) => `${key.namespace}/${key.name}`
  const releasesOf = (match: (object: KubernetesObject) => boolean) => store.list(kinds.helmRelease).filter(match).map(keyOf)

  return {
    name: 'helm releases',
    concerns: (object) => {
      if (is(object, kinds.helmRelease)) return [keyOf(object)]
      if (is(object, kinds.helmRepository)) return releasesOf((each) => each['spec'].chart?.spec.sourceRef?.name === object.metadata.name)
      if (!is(object, kinds.deployment)) return []
      return releasesOf((each) => nameOf(each) === object.metadata.labels?.['app.kubernetes.io/instance'])
    },
    reconcile: async (key) => {
      const release = store.get(kinds.helmRelease, key.namespace, key.name)
      if (!release || release.metadata.deletionTimestamp) {
        for (const each of installed.get(id(key))?.objects ?? []) store.remove(kindOf(each), each.metadata.namespace, each.metadata.name)
        installed.delete(id(key))
        return undefined
      }
      if (release['spec'].suspend) return undefined
      const chosen = choose(store, release)
      if ('reason' in chosen) {
        setStatus(store, release, failed(release, chosen.reason, chosen.message), manager)
        recordEvent(store, release, { type: 'Warning', ...chosen, component: manager })
        return undefined
      }
      const target = { name: nameOf(release), namespace: targetOf(release), version: chosen.version, values: release['spec'].values ?? {} }
      const objects = chosen.chart.render(target)
      const cause = [release.metadata.uid, release.metadata.generation, chosen.version].join(' ')
      if (installed.get(id(key))?.cause !== cause) {
        const left = installed.get(id(key))?.objects.filter((old) => !objects.some((each) => same(each, old))) ?? []
        const refused = place(store, release, apply)
        if (refused) {
          setStatus(store, release, failed(release, 'InstallFailed', refused), manager)
          recordEvent(store, release, { type: 'Warning', reason: 'InstallFailed', message: refused, component: manager })
          return milliseconds(release['spec'].interval, 600_000)
        }
        for (const each of objects) apply(each, { manager, dryRun: false })
        for (const each of left) store.remove(kindOf(each), each.metadata.namespace, each.metadata.name)
        installed.set(id(key), { cause, objects })
      }
      finish(store, release, chosen.version, objects)
      return undefined
    },
  }
}

const chartOf = (release: KubernetesObject): string => release['spec'].chart.spec.chart
const targetOf = (release: KubernetesObject): string => release['spec'].targetNamespace ?? release.metadata.namespace

/** https://fluxcd.io/flux/components/helm/helmreleases/#release-name */
function nameOf(release: KubernetesObject): string {
  const { releaseName, targetNamespace } = release['spec']
  return releaseName ?? [targetNamespace, release.metadata.name].filter(Boolean).join('-')
}

const same = (one: KubernetesObject, other: KubernetesObject) => one.kind === other.kind && one.metadata.name === other.metadata.name

/** Sees that the namespace is there; else what Helm says. */
function place(store: Store, release: KubernetesObject, apply: Apply): string | undefined {
  const name = targetOf(release)
  if (store.get(kinds.namespace, undefined, name)) return undefined
  if (!release['spec'].install?.createNamespace) {
    return `Helm install failed for release ${name}/${nameOf(release)} with chart ${chartOf(release)}: namespaces "${name}" not found`
  }
  apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: { name } } }, { manager, dryRun: false })
  return undefined
}

function choose(store: Store, release: KubernetesObject): { chart: Chart; version: string } | { reason: string; message: string } {
  const { chart: name, version = '*', sourceRef } = release['spec'].chart?.spec ?? {}
  const namespace: string = sourceRef?.namespace ?? release.metadata.namespace
  const repository = store.get(kinds.helmRepository, namespace, sourceRef?.name ?? '')
  const notReady = `HelmChart '${namespace}/${release.metadata.namespace}-${release.metadata.name}' is not ready`
  if (!repository) {
    const missing = `helmrepositories.source.toolkit.fluxcd.io "${sourceRef?.name}" not found`
    return { reason: 'SourceNotReady', message: `${notReady}: failed to get source: ${missing}` }
  }
  if (repository['spec'].type !== 'oci' && !isReady(repository)) {
    return { reason: 'SourceNotReady', message: `${notReady}: latest generation of object has not been reconciled` }
  }
  const chart = Object.hasOwn(charts, name) ? charts[name] : undefined
  const isThere = chart !== undefined && (repository['spec'].type === 'oci' || repository['spec'].url.startsWith(chart.repository))
  const found = isThere ? matching(chart.versions, version) : undefined
  if (isThere && found !== undefined) return { chart, version: found }
  const why = `no '${name}' chart with version matching '${version}' found`
  return {
    reason: 'SourceNotReady',
    message: `${notReady}: invalid chart reference: failed to get chart version for remote reference: ${why}`,
  }
}

/** Ready once all Deployments are available, as Helm's wait has it. */
function finish(store: Store, release: KubernetesObject, version: string, objects: readonly KubernetesObject[]): void {
  const waiting = objects.some((each) => {
    const live = is(each, kinds.deployment) ? store.get(kinds.deployment, each.metadata.namespace, each.metadata.name) : undefined
    return is(each, kinds.deployment) && condition(live, 'Available')?.status !== 'True'
  })
  const [previous] = release['status']?.history ?? []
  const verb = previous && previous.chartVersion !== version ? 'upgrade' : (release['status']?.lastAttemptedReleaseAction ?? 'install')
  const revision = (previous?.version ?? 0) + (previous?.chartVersion === version ? 0 : 1)
  const full = `${targetOf(release)}/${nameOf(release)}.v${revision}`
  const more = { lastAttemptedRevision: version, lastAttemptedReleaseAction: verb, lastAttemptedGeneration: release.metadata.generation }
  if (waiting) {
    setStatus(store, release, progressing(release, `Running '${verb}' action with timeout of 5m0s`, more), manager)
    return
  }
  const reason = verb === 'install' ? 'InstallSucceeded' : 'UpgradeSucceeded'
  const message = `Helm ${verb} succeeded for release ${full} with chart ${chartOf(release)}@${version}`
  const conditions = withCondition(release['status']?.conditions, { type: 'Released', status: 'True', reason, message })
  const [name, namespace] = [nameOf(release), targetOf(release)]
  const entry = {
    name,
    namespace,
    version: revision,
    chartName: chartOf(release),
    chartVersion: version,
    appVersion: `v${version}`,
    status: 'deployed',
    digest: digestOf(`${full} ${version}`),
    configDigest: digestOf(JSON.stringify(release['spec'].values ?? {})),
    firstDeployed: previous?.firstDeployed ?? timestamp(),
    lastDeployed: timestamp(),
  }
  const history = previous?.chartVersion === version ? release['status'].history : [entry]
  const told = { ...release, status: { ...release['status'], conditions } }
  setStatus(store, release, succeeded(told, reason, message, { ...more, history, storageNamespace: namespace }), manager)
  const answered = release.metadata.annotations?.[requestedAt] === release['status']?.lastHandledReconcileAt
  if (!isReady(release) && answered) recordEvent(store, release, { type: 'Normal', reason, message, component: manager })
}

function digestOf(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`
}
