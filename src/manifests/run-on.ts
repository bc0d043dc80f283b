import { isMap, isScalar } from 'yaml'
import { plain } from '../text/plain.ts'
import { listIn } from './list.ts'
import { refusal } from './refusal.ts'
import type { Source } from './source.ts'

/**
 * Refuses a kustomization in which a dash is indented more than the one above it: YAML takes that line for more text of
 * the entry above (https://yaml.org/spec/1.2.2/#733-plain-style), so two entries are one that leads nowhere.
 */
export function refuseRunOn(source: Source): void {
  const root: unknown = source.documents[0]?.contents
  if (!isMap(root)) return
  for (const list of ['resources', 'components', 'bases'].map((name) => listIn(root, name))) {
    for (const item of list.form === 'block' ? list.value.items : []) {
      if (!isScalar(item) || item.type !== 'PLAIN' || typeof item.value !== 'string' || !item.range) continue
      const dash = /\n[ \t]*- /.exec(source.text.slice(item.range[0], item.range[1]))
      if (dash) throw runOn(source, item.range[0], item.range[0] + dash.index + 1, item.value)
    }
  }
}

function runOn(source: Source, entry: number, dash: number, reads: string) {
  const [above, line] = [source.lineOf(entry), source.lineOf(dash)]
  return refusal(source.path, line, {
    id: 'entry-runs-on',
    what: `this line is indented more than the dash of line ${above}, so it is no entry of its own.`,
    why: `YAML reads one entry: ${plain(reads, 100)}.`,
    fix: `Indent line ${line} as much as line ${above}.`,
  })
}
