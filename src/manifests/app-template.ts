import { releaseNameOf } from './charts.ts'
import { isMap, mapAt, mapsOf } from './documents.ts'

/**
 * The pod template that the chart app-template makes of its values, as far as environment and mounts go, in the form of
 * a Deployment: for a look at how its containers get what. Written after the chart's versions 2 to 4
 * (https://bjw-s-labs.github.io/helm-charts/docs/app-template/); version 1 had a single container.
 */
export function podOfValues(release: object): object {
  const values = mapAt(release, 'spec', 'values')
  const namespace = String(mapAt(release, 'spec')['targetNamespace'] ?? mapAt(release, 'metadata')['namespace'] ?? '')
  const pods = named(values['controllers']).map(([controller, each]) => podOf(controller, each, values))
  const [
    pod = podOf('', { containers: { main: values, ...mapAt(values, 'sidecars'), ...mapAt(values, 'additionalContainers') } }, values),
  ] = pods.filter((each) => /connect-(api|sync)|OP_SESSION/.test(JSON.stringify(each)))
  const helm = { Name: releaseNameOf(release), Namespace: namespace }
  const filled = JSON.stringify(pod).replaceAll(/\{\{-?\s*\.Release\.(Name|Namespace)\s*-?\}\}/g, (_, key: keyof typeof helm) => helm[key])
  return { spec: { template: { spec: JSON.parse(filled) } } }
}

// biome-ignore lint/suspicious/noExplicitAny: the chart's values are whatever the file says
type Values = Record<string, any>

function podOf(controller: string, spec: Values, values: Values): Values {
  const volumes = named(values['persistence']).filter(([, each]) => each['type'] === 'secret' && each['enabled'] !== false)
  return {
    containers: named(spec['containers']).map(([name, each]) => ({
      name,
      image: isMap(each['image']) ? [each['image']['repository'], each['image']['tag']].filter(Boolean).join(':') : each['image'],
      env: environment(each['env']),
      envFrom: mapsOf(each['envFrom']).map((from) => (typeof from['secret'] === 'string' ? { secretRef: { name: from['secret'] } } : from)),
      volumeMounts: volumes.flatMap(([volume, persistence]) => mounts(volume, persistence, controller, name)),
    })),
    volumes: volumes.map(([name, each]) => ({
      name,
      secret: { secretName: each['name'], ...(each['items'] && { items: each['items'] }) },
    })),
  }
}

/** A map of names to values, or a list as in a Deployment; a value may be a text, `valueFrom`, or the reference itself. */
function environment(env: unknown): Values[] {
  if (Array.isArray(env)) return mapsOf(env)
  return Object.entries(isMap(env) ? env : {}).map(([name, value]) => {
    if (!isMap(value)) return { name, value: String(value) }
    return value['secretKeyRef'] ? { name, valueFrom: { secretKeyRef: value['secretKeyRef'] } } : { name, ...value }
  })
}

function mounts(volume: string, persistence: Values, controller: string, container: string): Values[] {
  const advanced = mapAt(persistence, 'advancedMounts', controller)[container]
  const older = typeof persistence['mountPath'] === 'string' ? [{ path: persistence['mountPath'], subPath: persistence['subPath'] }] : []
  const all = [...mapsOf(persistence['globalMounts']), ...mapsOf(advanced), ...older]
  return all.map((each) => ({ name: volume, mountPath: each['path'], ...(each['subPath'] && { subPath: each['subPath'] }) }))
}

function named(value: unknown): [string, Values][] {
  return Object.entries(isMap(value) ? value : {}).filter((each): each is [string, Values] => isMap(each[1]))
}
