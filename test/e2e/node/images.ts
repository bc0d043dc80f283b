import { type ModuleName, modules } from '../upstream/modules.ts'

/** How a container's image is run without its image: the program, and the ports that its flags open unless they are told. */
interface Image {
  program: ModuleName
  /** Flag by flag the port that it opens in the container. */
  ports: Record<string, number>
  /** Flags that are set otherwise than in the pod. */
  flags?: string[]
}

const flux = { 'metrics-addr': 8080, 'health-addr': 9440 }

/** Undefined for an image that nobody here can run; what runs must be the very version that the image names. */
export function imageOf(name: string, args: readonly string[]): Image | undefined {
  const [, repository = '', version = ''] = /^(?:.*\/)?((?:fluxcd|external-secrets)\/[\w-]+):v?(.+)$/.exec(name) ?? []
  const [, controller] = /^fluxcd\/((?:source|kustomize|helm)-controller)$/.exec(repository) ?? []
  if (controller !== undefined) {
    const program = controller as 'source-controller' | 'kustomize-controller' | 'helm-controller'
    if (modules[program].version !== `v${version}`) return undefined
    // A leader takes the namespace for its Lease from a file that only a pod has.
    const flags = ['--enable-leader-election=false']
    return { program, flags, ports: controller === 'source-controller' ? { ...flux, 'storage-addr': 9090 } : flux }
  }
  const program = `external-secrets-${version}`
  if (repository !== 'external-secrets/external-secrets' || !isModule(program)) return undefined
  const health = { 'metrics-addr': 8080, 'healthz-addr': 8081 }
  if (args[0] === 'webhook') return { program, ports: { ...health, port: 10250 } }
  if (args[0] === 'certcontroller') return { program, ports: health }
  const [major = 0, minor = 0] = version.split('.').map(Number)
  return { program, ports: { 'metrics-addr': 8080, ...(major > 0 || minor >= 20 ? { 'live-addr': 8082 } : {}) } }
}

function isModule(name: string): name is ModuleName {
  return Object.hasOwn(modules, name)
}
