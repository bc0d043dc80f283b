import { expect, test } from 'vitest'
import { withBlock } from '../../src/status/marked.ts'

const begin = '<!-- eso-bootstrap status: begin -->'
const end = '<!-- eso-bootstrap status: end -->'
const block = `${begin}\nnew\n${end}`

test.each([
  ['a pair', `a\n${begin}\nold\n${end}\nb`, `a\n${block}\nb`],
  ['a pair on one line with other words', `a ${begin}${end} b`, `a ${block} b`],
  ['an empty file', '', `${block}\n`],
  ['no markers', 'a\n', `a\n\n${block}\n`],
  ['no markers, and no end of the last line', 'a', `a\n\n${block}\n`],
  ['line endings of Windows', `a\r\n${begin}\r\nold\r\n${end}\r\n`, `a\r\n${block.replaceAll('\n', '\r\n')}\r\n`],
])('%s', (_, before, after) => {
  expect(withBlock(before, 'new', 'STATUS.md')).toBe(after)
  expect(withBlock(after, 'new', 'STATUS.md')).toBe(after)
})

test.each([
  ['a begin', `${begin}\nx`],
  ['an end', `x\n${end}`],
  ['the end before the begin', `${end}\n${begin}\n`],
  ['two pairs', `${begin}${end}${begin}${end}`],
  ['two ends', `${begin}${end}${end}`],
  ['two begins', `${begin}${begin}${end}`],
])('%s alone is refused', (_, text) => {
  expect(() => withBlock(text, 'new', 'STATUS.md')).toThrow('STATUS.md does not hold one pair of the markers')
})
