import { Failure } from '../../failure.ts'
import type { Place } from './external-secrets.ts'

/** Some of many ExternalSecrets were not synchronised: names them, with the cause of the first. */
export function notAllSynchronised(failed: readonly { at: Place; failure: Failure }[], synced: number, total: number): Failure {
  const names = failed.slice(0, 5).map(({ at }) => `${at.namespace}/${at.name}`)
  const [first] = failed
  const many = failed.length === 1 ? 'An ExternalSecret that was Ready was' : `${failed.length} ExternalSecrets that were Ready were`
  return new Failure({
    id: 'sync-failed',
    exit: 'partly',
    what: `${many} not synchronised: ${names.join(', ')}.`,
    why: [`${synced} of ${total} were.`, first?.failure.message, first?.failure.why].filter(Boolean).join(' '),
    fix: [...(first?.failure.fix ?? [])],
  })
}
