import { Failure } from '../failure.ts'
import type { Secret } from '../secret.ts'
import { plain } from '../text/plain.ts'
import { commandOf } from './op-words.ts'

export interface KeptItem {
  vault: string
  title: string
  /** In the order of the app. No label twice, or `op read` and External Secrets could not tell them apart. */
  fields: readonly { label: string; value: Secret }[]
}

/**
 * The item as `op item create -` reads it, https://www.1password.dev/cli/item-template-json. A note has no fields of its own
 * beside its text, so that there is none with the same label.
 */
export function templateOf({ title, fields }: KeptItem): string {
  const concealed = fields.map(({ label, value }) => ({ id: label, type: 'CONCEALED', label, value: value.reveal() }))
  return JSON.stringify({ title, category: 'SECURE_NOTE', fields: concealed })
}

/** The id of the item that op says it made; undefined if it doesn't say. Throws a Failure `op-kept-partly` if a field isn't in it. */
export function keptId(stdout: string, { vault, fields }: KeptItem): string | undefined {
  const made = parsed(stdout)
  const id = typeof made?.id === 'string' && /^[a-z0-9]{26}$/i.test(made.id) ? made.id.toLowerCase() : undefined
  if (!Array.isArray(made?.fields)) return id
  const labels = made.fields.map((each: { label?: unknown } | null) => each?.label)
  const missing = fields.filter(({ label }) => !labels.includes(label)).map(({ label }) => plain(label))
  if (missing.length === 0) return id
  throw new Failure({
    id: 'op-kept-partly',
    exit: 'partly',
    what: `1Password made the item without ${missing.join(', ')}.`,
    why: 'op did not read all that it was given.',
    fix: [commandOf(['item', 'get', id ?? '<item>', '--vault', vault]), commandOf(['item', 'delete', id ?? '<item>', '--vault', vault])],
  })
}

function parsed(stdout: string): { id?: unknown; fields?: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(stdout)
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}
