import type { FailureText } from '../failure.ts'
import { plain } from '../text/plain.ts'
import { type ApiCall, describe, type Status } from './api.ts'

/**
 * A 409 is one of three things: the object is there already, it has changed since it was read, or server-side apply
 * found fields that another manager owns. https://kubernetes.io/docs/reference/using-api/server-side-apply/#conflicts
 */
export function conflict(call: ApiCall, status: Status): FailureText {
  const what = describe(call)
  if (status.reason === 'AlreadyExists') return { id: 'already-exists', exit: 'blocked', what: `${what} exists already.` }
  const fields = (status.details?.causes ?? []).filter((cause) => cause.reason === 'FieldManagerConflict')
  if (fields.length === 0) {
    return {
      id: 'changed-meanwhile',
      exit: 'blocked',
      what: `${what} was changed by somebody else at the same moment.`,
      fix: 'Run it again.',
    }
  }
  const byManager = new Map<string, string[]>()
  for (const cause of fields) {
    const manager = plain(/^conflict with "([^"]+)"/.exec(cause.message ?? '')?.[1] ?? 'another manager', 100)
    byManager.set(manager, [...(byManager.get(manager) ?? []), plain(cause.field ?? '', 120)])
  }
  const owners = [...byManager].map(([manager, paths]) => `${manager} owns ${paths.join(', ')}`)
  return {
    id: 'field-conflict',
    exit: 'blocked',
    what: `Another manager owns fields of ${what}.`,
    why: `${owners.join('; ')}.`,
    fix: ['Let that manager give the fields up, or take them over:', 'eso-bootstrap … --take-ownership'],
  }
}
