import type { KubernetesObject } from '../../../kubernetes/object.ts'
import { matching } from '../versions.ts'
import type { Release } from './release.ts'

/** Versions in the repository https://1password.github.io/connect-helm-charts, some of many. */
export const connectVersions = ['1.7.0', '1.15.0', '1.17.0', '2.0.0', '2.2.1', '2.3.0', '2.4.1']

/**
 * What 1Password's own chart renders. Since 2.3.0 the credentials are a mounted file, before they were an environment variable:
 * the same Secret can't serve both (https://github.com/1Password/connect-helm-charts/blob/main/charts/connect/CHANGELOG.md).
 */
export function renderConnect({ name: release, namespace, version, values }: Release): KubernetesObject[] {
  const settings = values['connect'] ?? {}
  const name: string = settings.applicationName ?? 'onepassword-connect'
  const secretName: string = settings.credentialsName ?? 'op-credentials'
  const key: string = settings.credentialsKey ?? '1password-credentials.json'
  const labels = { 'app.kubernetes.io/component': 'connect', 'app.kubernetes.io/instance': release, 'app.kubernetes.io/managed-by': 'Helm' }
  const path = '/home/opuser/.op/1password-credentials.json'
  const isMounted = matching([version], '>=2.3.0') !== undefined
  const session = isMounted
    ? { name: 'OP_SESSION', value: path }
    : { name: 'OP_SESSION', valueFrom: { secretKeyRef: { name: secretName, key } } }
  const mounts = isMounted ? [{ name: 'credentials', mountPath: path, subPath: key }] : []
  const container = (part: 'api' | 'sync', port: number) => ({
    name: `connect-${part}`,
    image: `1password/connect-${part}:${settings.version ?? '1.8.2'}`,
    env: [session, { name: 'OP_HTTP_PORT', value: String(port) }],
    ports: [{ containerPort: port, protocol: 'TCP' }],
    volumeMounts: [...mounts, { name: 'shared-data', mountPath: '/home/opuser/.op/data' }],
  })
  const volumes = [{ name: 'shared-data', emptyDir: {} }, ...(isMounted ? [{ name: 'credentials', secret: { secretName } }] : [])]
  const containers = [container('api', 8080), container('sync', 8081)]
  const port = (part: string, number: number) => ({ name: `connect-${part}`, port: number, targetPort: number, protocol: 'TCP' })
  const selector = { app: name }
  return [
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, namespace, labels },
      spec: {
        replicas: 1,
        selector: { matchLabels: selector },
        template: { metadata: { labels: { ...selector, ...labels } }, spec: { containers, volumes } },
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace, labels },
      spec: { type: 'ClusterIP', selector, ports: [port('api', 8080), port('sync', 8081)] },
    },
  ]
}
