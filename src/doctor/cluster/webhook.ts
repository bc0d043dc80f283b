import { Failure } from '../../failure.ts'
import { all } from '../../kubernetes/collect.ts'
import type { KubernetesObject } from '../../kubernetes/object.ts'
import { endpointSlices, services, validatingWebhooks } from '../../kubernetes/resources.ts'
import type { ClusterCheck, Finding } from '../check.ts'
import type { DoctorWorld } from '../world.ts'
import { operatorTold } from './operator.ts'

/** https://github.com/external-secrets/external-secrets/blob/main/deploy/charts/external-secrets/templates/validatingwebhook.yaml */
const configurations = ['secretstore-validate', 'externalsecret-validate']

/** A chart with webhook.create: false has none, and nothing has to answer. */
export const webhookAnswers: ClusterCheck = {
  id: 'webhook-answers',
  category: 'operator',
  title: "the operator's webhook can be reached, and the API server knows its certificate",
  severity: 'error',
  needs: ['operator-runs', 'namespace-exists'],
  page: {
    symptom:
      'failed calling webhook "validate.clustersecretstore.external-secrets.io": connection refused, no endpoints available, or x509: certificate signed by unknown authority. Flux then applies no store and no ExternalSecret.',
    cause:
      'The webhook has no ready pod, its Service is gone, or the cert controller has not yet put its certificate into the configuration.',
    fix: 'See why its pod is not ready; restart the cert controller where the certificate is missing; without an operator, delete the two configurations.',
    sources: [
      'https://github.com/external-secrets/external-secrets/issues/6450',
      'https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/',
    ],
  },
  looksAt: 'cluster',
  async look(world) {
    const { cluster, signal } = world
    const found = await Promise.all(configurations.map((name) => cluster.get(validatingWebhooks, name, undefined, signal)))
    const each = await Promise.all(found.map((configuration) => configuration && wrongWith(world, configuration)))
    return each.flatMap((findings) => findings ?? [])
  },
}

interface Webhook {
  failurePolicy?: 'Fail' | 'Ignore'
  clientConfig: { caBundle?: string; service?: { namespace: string; name: string } }
}

async function wrongWith(world: DoctorWorld, configuration: KubernetesObject): Promise<Finding[]> {
  const about = `ValidatingWebhookConfiguration ${configuration.metadata.name}`
  const hooks: Webhook[] = configuration['webhooks'] ?? []
  const reached = hooks.flatMap(({ clientConfig: { service } }) => service ?? [])
  const distinct = [...new Map(reached.map((each) => [`${each.namespace}/${each.name}`, each])).values()]
  const silent = (await Promise.all(distinct.map((each) => silence(world, each)))).flatMap((each) => each ?? [])
  const certificate = hooks.every(({ clientConfig }) => hasBundle(clientConfig)) ? [] : [untrusted(distinct[0]?.namespace)]
  const severity = hooks.some(({ failurePolicy }) => failurePolicy !== 'Ignore') ? undefined : 'warning'
  return [...silent, ...certificate].map((each) => ({ about, ...each, ...(severity && { severity }) }))
}

/** The cert controller's own check knows a line break for "none yet". */
function hasBundle({ caBundle = '' }: Webhook['clientConfig']): boolean {
  return Buffer.from(caBundle, 'base64').toString('utf8').trim() !== ''
}

function untrusted(namespace = 'external-secrets'): Omit<Finding, 'about'> {
  return {
    why: 'It holds no certificate of the webhook (caBundle), so the API server trusts none: it refuses every store and ExternalSecret.',
    fix: [`kubectl rollout restart deployment -n ${namespace} -l app.kubernetes.io/name=external-secrets-cert-controller`],
  }
}

async function silence(
  world: DoctorWorld,
  { namespace, name }: { namespace: string; name: string },
): Promise<Omit<Finding, 'about'> | undefined> {
  const { cluster, signal } = world
  const labelSelector = `kubernetes.io/service-name=${name}`
  const slices = await all(cluster.list(endpointSlices, { namespace, labelSelector, signal }))
  if (slices.some(isAnswering)) return undefined
  if ((await cluster.get(services, name, namespace, signal)) === undefined) {
    const why = `It calls the Service ${namespace}/${name}, which does not exist: the API server refuses every store and ExternalSecret.`
    return { why, fix: [`kubectl get services -n ${namespace}`, 'flux get helmreleases -A'] }
  }
  const { problems = [] } = await operatorTold(world).catch(notTold)
  const known = problems.find((problem) => problem.about[0] === `Deployment ${namespace}/${name}`)
  const why = `No ready pod is behind the Service ${namespace}/${name}: the API server refuses every store and ExternalSecret.`
  return { why: known === undefined ? why : `${why} ${known.why}`, fix: known?.fix ?? [`kubectl get pods -n ${namespace}`] }
}

/** Ready where it doesn't say: https://kubernetes.io/docs/concepts/services-networking/endpoint-slices/#conditions */
function isAnswering(slice: KubernetesObject): boolean {
  const endpoints: { conditions?: { ready?: boolean } }[] = slice['endpoints'] ?? []
  return endpoints.some(({ conditions }) => conditions?.ready !== false)
}

function notTold(error: unknown): Pick<Awaited<ReturnType<typeof operatorTold>>, 'problems'> {
  if (error instanceof Failure) return {}
  throw error
}
