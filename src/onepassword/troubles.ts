import type { FailureText } from '../failure.ts'
import { plain } from '../text/plain.ts'
import type { Message } from './message.ts'
import { messages } from './messages.ts'
import type { Setting } from './remedies.ts'

export type { Setting } from './remedies.ts'

/** A cause that is known by what the operator or Connect says about it. */
export interface Trouble extends FailureText {
  why: string
  fix: string[]
  /** Milliseconds for which it may still heal by itself: Connect answers 401 and 500 in its first moments. */
  patience: number
}

const known = Object.values(messages)
  .flat()
  .map((message) => ({ message, patterns: message.texts.map(patternOf) }))

/** The two containers of Connect find each other a moment later: https://github.com/1Password/connect-helm-charts/issues/134 */
const harmless = /did not initialize bus connection to peer/

/** The first known cause in these texts, taken in order: logs before events before conditions. */
export function recognise(texts: readonly string[], setting: Setting = {}): Trouble | undefined {
  const telling = texts.filter((text) => !harmless.test(text))
  for (const { message, patterns } of known) {
    if (message.elsewhere && !setting.elsewhere) continue
    for (const text of telling) {
      for (const pattern of patterns) {
        const found = pattern.exec(text)
        if (found !== null) return troubleOf(message, found.slice(1), setting)
      }
    }
  }
  return undefined
}

function troubleOf(
  { id, what, why, fix, exit = 'partly', patience = 5_000 }: Message,
  found: readonly string[],
  setting: Setting,
): Trouble {
  return {
    id,
    exit: setting.exit ?? exit,
    what: typeof what === 'string' ? what : what(found.map((each) => plain(each))),
    why,
    fix: typeof fix === 'function' ? fix(setting) : [...fix],
    patience,
  }
}

/** `…` is as little as fits; at the end of a text it is a word. */
function patternOf(text: string): RegExp {
  const literal = text.replace(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`)
  return new RegExp(literal.replace(/…$/, '([^\\s,]{1,255})').replaceAll('…', '(.{1,255}?)'))
}
