/** The group and plural name that messages are about. */
export interface About {
  group: string
  plural: string
}

export interface Cause {
  reason?: string
  message: string
  field?: string
}

/** `kind: Status`, the body of every answer that is not an object. */
export interface StatusBody {
  kind: 'Status'
  apiVersion: 'v1'
  metadata: Record<string, unknown>
  status: 'Success' | 'Failure'
  message?: string
  reason?: string
  details?: { name?: string; group?: string; kind?: string; uid?: string; causes?: Cause[]; retryAfterSeconds?: number }
  code?: number
}

/** An answer of 4xx or 5xx on its way out: thrown by handlers, sent by the server. */
export class StatusError extends Error {
  readonly body: StatusBody

  constructor(body: StatusBody) {
    super(body.message)
    this.body = body
  }

  get code(): number {
    return this.body.code ?? 500
  }
}

/**
 * A failure with the wording of the real server.
 * Source: https://github.com/kubernetes/apimachinery/blob/v0.34.1/pkg/api/errors/errors.go
 */
export function failure(code: number, reason: string, message: string, details?: StatusBody['details']): StatusError {
  return new StatusError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    reason,
    ...(details && { details }),
    code,
  })
}

/** `secrets` for the core group, else `externalsecrets.external-secrets.io`. */
function qualified({ group, plural }: About): string {
  return group ? `${plural}.${group}` : plural
}

function detailsOf({ group, plural }: About, name?: string): { name?: string; group?: string; kind: string } {
  return { ...(name && { name }), ...(group && { group }), kind: plural }
}

export function notFound(about: About, name: string): StatusError {
  return failure(404, 'NotFound', `${qualified(about)} "${name}" not found`, detailsOf(about, name))
}

export function alreadyExists(about: About, name: string): StatusError {
  return failure(409, 'AlreadyExists', `${qualified(about)} "${name}" already exists`, detailsOf(about, name))
}

export function conflict(about: About, name: string, why: string): StatusError {
  return failure(409, 'Conflict', `Operation cannot be fulfilled on ${qualified(about)} "${name}": ${why}`, detailsOf(about, name))
}

export const modified = 'the object has been modified; please apply your changes to the latest version and try again'

export function badRequest(message: string): StatusError {
  return failure(400, 'BadRequest', message)
}

export function forbidden(about: About, name: string, why: string): StatusError {
  return failure(403, 'Forbidden', `${qualified(about)} ${name ? `"${name}" ` : ''}is forbidden: ${why}`, detailsOf(about, name))
}

export function methodNotAllowed(): StatusError {
  return failure(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {})
}

export function missingResource(): StatusError {
  return failure(404, 'NotFound', 'the server could not find the requested resource', {})
}

export function expired(message: string): StatusError {
  return failure(410, 'Expired', message)
}

/** 422 with one cause a problem; the message lists them as the real server does. */
export function invalid(kind: { group: string; kind: string }, name: string, causes: Required<Cause>[]): StatusError {
  const lines = [...new Set(causes.map((cause) => `${cause.field}: ${cause.message}`))]
  const all = lines.length === 1 ? lines[0] : `[${lines.join(', ')}]`
  const full = kind.group ? `${kind.kind}.${kind.group}` : kind.kind
  const details = { ...(name && { name }), ...(kind.group && { group: kind.group }), kind: kind.kind, causes }
  return failure(422, 'Invalid', `${full} "${name}" is invalid: ${all}`, details)
}

/** What DELETE of a resource answers when the object is gone at once. */
export function success(about: About, name: string, uid: string): StatusBody {
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details: { ...detailsOf(about, name), uid } }
}
