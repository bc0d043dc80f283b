import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { code, generated, prose } from './markdown.js'
import { objectsIn, texts } from './syntax.js'

/** Every error that a person may see, found in the source: the objects that have an `id` and a `what`. */
export function errorsPage(source) {
  const all = new Map()
  for (const file of sourcesIn(source)) {
    for (const { id, what, why, fix } of objectsIn(readFileSync(file, 'utf8'))) {
      for (const name of texts(id).flatMap(expanded)) {
        const told = all.get(name) ?? { what: new Set(), why: new Set(), fix: new Set() }
        for (const [key, node] of Object.entries({ what, why, fix })) for (const text of texts(node)) told[key].add(text)
        all.set(name, told)
      }
    }
  }
  const sections = [...all].toSorted(([a], [b]) => a.localeCompare(b)).map(([id, told]) => section(id, told))
  return `${generated}

# Errors

The ids stand in the JSON report, and never change their meaning. Words in ‹ › are filled in. [Exit codes](exit-codes.md)

${sections.join('\n\n')}
`
}

/** An id with a filled-in part is one of a few. Throws for a part whose words aren't known here. */
function expanded(id) {
  const [hole, part] = /‹([^›]+)›/.exec(id) ?? []
  if (hole === undefined) return [id]
  const words = { what: ['credentials', 'token'], done: ['read', 'written'] }[part]
  if (words === undefined) throw new Error(`scripts/docs/errors.js does not know what ${hole} in the error id ${id} can be`)
  return words.map((word) => id.replace(hole, word))
}

function sourcesIn(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !path.startsWith(join(folder, 'sandbox')))
    .toSorted()
}

function section(id, { what, why, fix }) {
  const happened = [...what].map((text) => `**${prose(text)}**`)
  const reasons = [...why].map((text) => prose(text))
  const remedies = [...fix].map((text) => `- ${isCommand(text) ? code(text) : prose(text)}`)
  return [`## ${code(id)}`, happened.join('  \n'), reasons.join('  \n'), remedies.join('\n')].filter((part) => part !== '').join('\n\n')
}

function isCommand(text) {
  return /^(eso-bootstrap|kubectl|flux|git|op|sops|sed|export|ls|echo|kustomize|helm)\b/.test(text) && !text.includes('`')
}
