/** One request as the server saw it, for proofs such as "the second run only reads". */
export interface RequestRecord {
  method: string
  path: string
  query: string
  user: string
  /** The verb as RBAC names it: get, list, watch, create, update, patch, delete, deletecollection. */
  verb: string
  resource: string
  /** The HTTP status; 0 until it is answered, or if it never is. */
  status: number
}

/** As `demo --serve --verbose` shows it: `GET /api/v1/namespaces?limit=500 200`. */
export function requestLine({ method, path, query, status }: RequestRecord): string {
  return `${method} ${path}${query === '' ? '' : `?${query}`} ${status}`
}

const reading = new Set(['get', 'list', 'watch', 'head', 'options'])

/** True for a request that can't change anything: reads, dry runs and access reviews. */
export function isRead({ verb, query, resource }: RequestRecord): boolean {
  return reading.has(verb) || new URLSearchParams(query).getAll('dryRun').includes('All') || resource.startsWith('selfsubject')
}
