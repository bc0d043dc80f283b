import { Failure } from '../failure.ts'

const begin = '<!-- eso-bootstrap status: begin -->'
const end = '<!-- eso-bootstrap status: end -->'

/**
 * The text with this block between the two markers; everything outside of them stays, byte for byte. Without markers the block
 * goes behind all that is there. Throws a Failure where the markers don't come as one pair.
 */
export function withBlock(text: string, block: string, path: string): string {
  const newline = text.includes('\r\n') ? '\r\n' : '\n'
  const whole = [begin, ...block.split('\n'), end].join(newline)
  const [before = '', rest, ...more] = text.split(begin)
  const [, after, ...others] = rest?.split(end) ?? []
  if (rest === undefined && !text.includes(end)) return `${text}${gap(text, newline)}${whole}${newline}`
  if (after === undefined || more.length > 0 || others.length > 0 || before.includes(end)) throw unpaired(path)
  return `${before}${whole}${after}`
}

function gap(text: string, newline: string): string {
  if (text === '') return ''
  return text.endsWith(newline) ? newline : `${newline}${newline}`
}

function unpaired(path: string): Failure {
  return new Failure({
    id: 'status-markers',
    exit: 'blocked',
    what: `${path} does not hold one pair of the markers between which the status stands.`,
    why: 'What is between them is replaced, so it has to be clear where that begins and ends.',
    fix: [`Put them on lines of their own, once: ${begin} and ${end}`, 'or take both out: the status is then added at the end'],
  })
}
