import type { Message } from './message.ts'
import { admission } from './messages/admission.ts'
import { connectLog } from './messages/connect-log.ts'
import { externalSecrets } from './messages/external-secrets.ts'
import { stores } from './messages/stores.ts'
import { unreached } from './messages/unreached.ts'

/**
 * All that is known of texts of External Secrets Operator, its 1Password provider and 1Password Connect, by where they show. The
 * telling ones come first: a text is the first that fits.
 */
export const messages: Readonly<Record<string, readonly Message[]>> = {
  'In the log of 1Password Connect': connectLog,
  'When a store is applied': admission,
  'In events of stores': stores,
  'In events of ExternalSecrets': externalSecrets,
  'When Connect is not reached': unreached,
}
