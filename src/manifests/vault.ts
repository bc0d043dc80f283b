import { Failure } from '../failure.ts'
import { looksPasted } from '../onepassword/pasted.ts'
import { plain } from '../text/plain.ts'

export interface Vault {
  /** The vault's title or id, as 1Password has it. */
  key: string
  /** Vaults are searched in this order, the lowest first; NaN where a file has no whole number. */
  order: number
}

const longest = 255

/**
 * Reads `--vault <title-or-id>[=order]`. Vaults without an order get the lowest unused numbers from 1, as they stand.
 * A title that holds `=` needs its order written. External Secrets matches titles to the letter and knows ids by their lower
 * case: https://external-secrets.io/latest/provider/1password-automation/
 * Throws a Failure (exit `usage`).
 */
export function parseVaults(args: readonly string[]): Vault[] {
  const given = args.map((arg, index) => parseVault(arg, `vault ${index + 1}`))
  const used = new Set<number>()
  for (const { key, order } of given) {
    if (given.filter((other) => other.key === key).length > 1) {
      throw refused('vault-twice', `The vault "${shown(key)}" is given twice.`, 'Name each vault once.')
    }
    if (order !== undefined && used.has(order)) {
      throw refused(
        'vault-order-twice',
        `Two vaults have the order ${order}.`,
        'Give each vault a number of its own, or leave the numbers out.',
      )
    }
    if (order !== undefined) used.add(order)
  }
  let next = 1
  return given.map(({ key, order }) => {
    if (order !== undefined) return { key, order }
    while (used.has(next)) next += 1
    return { key, order: next++ }
  })
}

function parseVault(arg: string, name: string): { key: string; order: number | undefined } {
  const [, title = arg, order] = /^(.*)=([^=]*)$/s.exec(arg) ?? []
  refuseTitle(title, name)
  if (order !== undefined && !(/^-?\d+$/.test(order) && Number.isSafeInteger(Number(order)))) {
    if (looksPasted(arg))
      throw notAnOrder(`What follows the last "=" of ${name} is no order: that is a whole number.`, "--vault '<title>=1'")
    throw notAnOrder(
      `"${shown(order)}" in "${shown(arg)}" is no order: that is a whole number.`,
      `--vault '${shown(title)}=1'`,
      `If the title itself is "${shown(arg)}", add its order: --vault '${shown(arg)}=1'`,
    )
  }
  return { key: /^[A-Z0-9]{26}$/.test(title) ? title.toLowerCase() : title, order: order === undefined ? undefined : Number(order) }
}

/** The value is not shown where it may be anything but a title: somebody may have pasted a secret. */
function refuseTitle(title: string, name: string): void {
  const again = 'Give the vault as 1Password shows it: op vault list'
  if (title.trim() === '') throw refused('vault-empty', `${capital(name)} has no title.`, again)
  if ([...title].length > longest) throw refused('vault-too-long', `${capital(name)} is longer than ${longest} characters.`, again)
  if (/[\p{Cc}\p{Zl}\p{Zp}]/u.test(title)) {
    throw refused('vault-control-character', `${capital(name)} holds a line break or another control character.`, again)
  }
  if (title.includes('\uFFFD')) {
    throw refused('vault-not-utf8', `${capital(name)} holds a character that could not be read: what it came from is not UTF-8.`, again)
  }
  if (title.includes(`\${`)) {
    throw refused(
      'vault-substitution',
      `${capital(name)} holds "\${": Flux would put something else in its place.`,
      'Give the title that the variable stands for.',
    )
  }
  // ESO asks Connect for `title eq "…"`, and nothing escapes the quote:
  // https://github.com/1Password/connect-sdk-go/blob/main/connect/client.go
  if (title.includes('"')) {
    throw refused(
      'vault-quote',
      `${capital(name)} holds a double quote: External Secrets can't find such a title.`,
      "Give the vault's id instead: op vault list",
    )
  }
}

function notAnOrder(what: string, ...fix: string[]): Failure {
  return refused('vault-order-not-a-number', what, ...fix)
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}

function shown(text: string): string {
  return plain(text, 60)
}

function refused(id: string, what: string, ...fix: string[]): Failure {
  return new Failure({ id, exit: 'usage', what, fix })
}
