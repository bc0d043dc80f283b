import { Failure, type FailureText } from '../failure.ts'
import { plain } from '../text/plain.ts'
import { conflict } from './conflict.ts'

/** What was asked of the API server, so that a refusal can name it. */
export interface ApiCall {
  verb: string
  /** `secrets`, `kustomizations.kustomize.toolkit.fluxcd.io`, or a path such as `/version`. */
  resource: string
  namespace?: string | undefined
  name?: string | undefined
}

export interface Server {
  context: string
  server: string
}

export interface Answer {
  status: number
  contentType: string
  body: string
}

/** The parts of https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/ that are read. */
export interface Status {
  reason?: string
  message?: string
  details?: { kind?: string; name?: string; causes?: { reason?: string; message?: string; field?: string }[] }
}

/**
 * Our own words for an answer that isn't a success. Of the server's words only names, field paths and managers come
 * through: its message may repeat the request, which may be a Secret.
 */
export function failureOfAnswer(call: ApiCall, at: Server, answer: Answer): Failure {
  const status = statusOf(answer)
  if (status === undefined) return new Failure(notAnApiServer(call, at, answer))
  const text = statusText(call, at, answer.status, status)
  return new Failure(text)
}

/** What was asked for, as a person says it: `secrets onepassword-connect-token in external-secrets`. */
export function describe(call: ApiCall): string {
  const name = call.name === undefined ? '' : ` ${plain(call.name, 253)}`
  return `${call.resource}${name}${call.namespace === undefined ? '' : ` in ${plain(call.namespace, 63)}`}`
}

function statusOf(answer: Answer): Status | undefined {
  try {
    const body = JSON.parse(answer.body)
    return body?.kind === 'Status' ? body : undefined
  } catch {
    return undefined
  }
}

function statusText(call: ApiCall, at: Server, code: number, status: Status): FailureText {
  const what = describe(call)
  const message = status.message ?? ''
  const webhook = /admission webhook "([\w.-]+)" denied/.exec(message)?.[1]
  if (webhook !== undefined || message.includes('ValidatingAdmissionPolicy')) {
    return {
      id: 'admission-refused',
      exit: 'refused',
      what: `The cluster's admission control refused to ${call.verb} ${what}.`,
      why: webhook ? `The webhook ${webhook} denied it.` : 'A ValidatingAdmissionPolicy denied it.',
    }
  }
  if (code === 401) return unauthorized(at)
  if (code === 403) return forbidden(call, at, message)
  if (code === 404) {
    const missing =
      status.details?.name && status.details.kind ? `${plain(status.details.kind, 80)} ${plain(status.details.name, 253)}` : what
    return { id: 'not-found', exit: 'blocked', what: `${missing} was not found, so ${call.verb} ${what} failed.` }
  }
  if (code === 409) return conflict(call, status)
  if (code === 410) return { id: 'list-expired', exit: 'blocked', what: `The list of ${what} expired while it was read.` }
  if (code === 422) {
    const fields = (status.details?.causes ?? []).map((cause) => plain(cause.field ?? '', 120)).filter((field) => field !== '')
    return {
      id: 'invalid-object',
      exit: 'refused',
      what: `The cluster found ${what} invalid.`,
      why: fields.length === 0 ? 'It named no field.' : `It objects to: ${[...new Set(fields)].join(', ')}.`,
    }
  }
  if (code === 429) return busy(call, at)
  return serverError(call, at, code, message)
}

function serverError(call: ApiCall, at: Server, code: number, message: string): FailureText {
  const webhook = /failed calling webhook "([\w.-]+)"/.exec(message)?.[1]
  if (webhook !== undefined) {
    return {
      id: 'webhook-unreachable',
      exit: 'blocked',
      what: `The cluster could not ${call.verb} ${describe(call)}, because its webhook ${webhook} doesn't answer.`,
      why: 'The pod behind the webhook is still starting, or is down.',
      fix: 'kubectl get validatingwebhookconfigurations,mutatingwebhookconfigurations',
    }
  }
  return {
    id: code >= 500 ? 'server-error' : 'api-refused',
    exit: code >= 500 ? 'blocked' : 'refused',
    what: `The API server at ${at.server} answered ${call.verb} ${describe(call)} with status ${code}.`,
    fix: code >= 500 ? `kubectl --context '${at.context}' get --raw '/readyz?verbose'   (then run this again)` : [],
  }
}

function busy(call: ApiCall, at: Server): FailureText {
  const what = describe(call)
  return {
    id: 'server-busy',
    exit: 'blocked',
    what: `The API server at ${at.server} is too busy to ${call.verb} ${what}.`,
    fix: 'Try again in a minute.',
  }
}

function unauthorized(at: Server): FailureText {
  return {
    id: 'unauthorized',
    exit: 'refused',
    what: `The API server at ${at.server} doesn't accept the credentials of the context ${at.context}.`,
    why: 'The token or certificate in the kubeconfig is expired, revoked, or for another cluster.',
    fix: ['Sign in again, or fetch a new kubeconfig.', `kubectl --context '${at.context}' auth whoami`],
  }
}

function forbidden(call: ApiCall, at: Server, message: string): FailureText {
  if (message.includes('exceeded quota')) {
    return {
      id: 'quota-exceeded',
      exit: 'refused',
      what: `A ResourceQuota of the namespace ${call.namespace} leaves no room for ${describe(call)}.`,
    }
  }
  const where = call.namespace === undefined ? '' : ` -n ${plain(call.namespace, 63)}`
  const [resource = '', subresource] = call.resource.startsWith('/') ? [call.resource] : call.resource.split('/')
  // A port-forward is asked for twice: as get, which a refusal says, and then as create, which it doesn't.
  const verb = subresource === 'portforward' && !message.includes(' cannot get ') ? 'create' : call.verb
  const what = `${verb} ${resource}${subresource === undefined ? '' : ` --subresource=${subresource}`}`
  return {
    id: 'forbidden',
    exit: 'refused',
    what: `You may not ${verb} ${describe(call)}.`,
    why: `The user of the context ${at.context} lacks that permission.`,
    fix: `kubectl --context '${at.context}' auth can-i ${what}${where}`,
  }
}

function notFound(call: ApiCall, status: Status): FailureText {
  const { kind, name } = status.details ?? {}
  const missing = kind && name ? `${plain(kind, 80)} ${plain(name, 253)}` : describe(call)
  return { id: 'not-found', exit: 'blocked', what: `${missing} was not found, so the cluster could not ${call.verb} ${describe(call)}.` }
}

function notAnApiServer(call: ApiCall, at: Server, answer: Answer): FailureText {
  if (answer.status === 401) return unauthorized(at)
  if (answer.status >= 500) return serverError(call, at, answer.status, '')
  // One that has too many requests in flight says so as plain text.
  if (answer.status === 429) return busy(call, at)
  // For a group or kind that it doesn't serve, an API server answers `404 page not found` as plain text.
  if (answer.status === 404 && !answer.contentType.includes('html')) return notFound(call, {})
  return {
    id: 'not-an-api-server',
    exit: 'blocked',
    what: `What answers at ${at.server} isn't a Kubernetes API server.`,
    why: `It answered with status ${answer.status} and ${answer.contentType.includes('html') ? 'a web page' : 'something that is no Status'}: perhaps a login page, a proxy or a load balancer.`,
    fix: `kubectl --context '${at.context}' get --raw /version`,
  }
}
