import type { KubernetesObject } from '../../../kubernetes/object.ts'
import { esoCrds } from '../../external-secrets/crds.ts'
import type { Release } from './release.ts'

/** Versions in the repository https://charts.external-secrets.io; the chart's version is the operator's. */
export const operatorVersions = [
  ...['0.9.20', '0.10.7', '0.11.0', '0.12.1', '0.13.0', '0.14.0', '0.14.1', '0.14.2', '0.14.3', '0.14.4', '0.15.0', '0.15.1'],
  ...['0.16.0', '0.16.1', '0.16.2', '0.17.0', '0.18.0', '0.18.1', '0.18.2', '0.19.0', '0.19.1', '0.19.2'],
  ...['0.20.1', '0.20.2', '0.20.3', '0.20.4', '1.0.0', '1.1.0', '1.1.1', '1.2.0', '1.2.1', '1.3.1', '1.3.2'],
  ...['2.0.0', '2.0.1', '2.1.0', '2.2.0', '2.3.0', '2.4.0', '2.4.1', '2.5.0', '2.6.0', '2.7.0', '2.8.0', '2.9.0'],
]

/** What the chart external-secrets renders, as far as the sandbox acts on it: CRDs (they are templates of the chart), Deployments, the webhook. */
export function renderOperator({ name, namespace, version, values }: Release): KubernetesObject[] {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const full = values['fullnameOverride'] ?? (name.includes('external-secrets') ? name : `${name}-external-secrets`)
  const shared = { 'app.kubernetes.io/instance': name, 'app.kubernetes.io/version': `v${version}`, 'app.kubernetes.io/managed-by': 'Helm' }
  const parts = [
    { name: full, label: 'external-secrets', wanted: true, replicas: values['replicaCount'] },
    { name: `${full}-webhook`, label: 'external-secrets-webhook', wanted: values['webhook']?.create ?? true, replicas: 1 },
    {
      name: `${full}-cert-controller`,
      label: 'external-secrets-cert-controller',
      wanted: values['certController']?.create ?? true,
      replicas: 1,
    },
  ].filter((each) => each.wanted)
  const image = `${values['image']?.repository ?? 'ghcr.io/external-secrets/external-secrets'}:v${version}`
  const deployments = parts.map((part) => {
    const selector = { 'app.kubernetes.io/name': part.label, 'app.kubernetes.io/instance': name }
    const containers = [
      { name: part.label, image, ports: part.label.endsWith('webhook') ? [{ name: 'webhook', containerPort: 10250 }] : [] },
    ]
    return {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: part.name, namespace, labels: { ...selector, ...shared } },
      spec: {
        replicas: part.replicas ?? 1,
        selector: { matchLabels: selector },
        template: { metadata: { labels: { ...selector, ...shared } }, spec: { containers } },
      },
    }
  })
  const installCrds = values['installCRDs'] ?? values['crds']?.install ?? true
  const crds = installCrds ? esoCrds(major, minor, { ...shared, 'external-secrets.io/component': 'controller' }) : []
  const has = (part: string) => parts.some((each) => each.label.endsWith(part))
  // The chart leaves it to the cert controller.
  const caBundle = has('cert-controller') ? Buffer.from('-----BEGIN CERTIFICATE-----\n').toString('base64') : undefined
  const webhook = has('webhook') ? webhookObjects(full, { namespace, release: name, labels: shared, caBundle }) : []
  return [...crds, ...deployments, ...webhook]
}

interface Webhook {
  namespace: string
  release: string
  labels: Record<string, string>
  caBundle: string | undefined
}

function webhookObjects(full: string, { namespace, release, labels, caBundle }: Webhook): KubernetesObject[] {
  const service = `${full}-webhook`
  const selector = { 'app.kubernetes.io/name': 'external-secrets-webhook', 'app.kubernetes.io/instance': release }
  const rule = (resources: string[]) => [
    { apiGroups: ['external-secrets.io'], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE', 'DELETE'], resources },
  ]
  const hook = (kind: string, plural: string) => ({
    name: `validate.${kind}.external-secrets.io`,
    clientConfig: {
      service: { name: service, namespace, path: `/validate-external-secrets-io-v1-${kind}` },
      ...(caBundle && { caBundle }),
    },
    rules: rule([plural]),
    failurePolicy: 'Fail',
    sideEffects: 'None',
    admissionReviewVersions: ['v1', 'v1beta1'],
    timeoutSeconds: 5,
  })
  return [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: service, namespace, labels },
      spec: { type: 'ClusterIP', ports: [{ port: 443, targetPort: 'webhook', protocol: 'TCP', name: 'webhook' }], selector },
    },
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingWebhookConfiguration',
      metadata: { name: 'secretstore-validate', labels },
      webhooks: [hook('secretstore', 'secretstores'), hook('clustersecretstore', 'clustersecretstores')],
    },
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingWebhookConfiguration',
      metadata: { name: 'externalsecret-validate', labels },
      webhooks: [hook('externalsecret', 'externalsecrets')],
    },
  ]
}
