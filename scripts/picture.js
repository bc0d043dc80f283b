// Draws a terminal transcript (text with colours as escape sequences) as an SVG: node scripts/picture.js <transcript> <svg>
import { readFileSync, writeFileSync } from 'node:fs'

const cell = { width: 8.4, height: 18 }
const margin = 16
const columns = 80
const plainColour = '#d4d7dd'
// The eight colours of ECMA-48, in an order that SGR 30 to 37 name.
const colours = ['#5c6370', '#f0727c', '#98c379', '#e5c07b', '#61afef', '#c678dd', '#56b6c2', '#d4d7dd']
const dimColour = '#8b919d'

const [from, to] = process.argv.slice(2)
if (to === undefined) {
  process.stderr.write('usage: node scripts/picture.js <transcript> <svg>\n')
  process.exitCode = 2
} else {
  writeFileSync(to, picture(readFileSync(from, 'utf8')))
}

function picture(transcript) {
  const rows = transcript.trimEnd().split('\n')
  const width = Math.round(columns * cell.width + 2 * margin)
  const height = rows.length * cell.height + 2 * margin
  let style = { colour: plainColour, bold: false }
  const texts = rows.map((row, at) => {
    const drawn = drawRow(row, at, style)
    style = drawn.style
    return drawn.svg
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">
<title>A guided run of eso-bootstrap init, as it stands in a terminal of 80 columns</title>
<rect width="100%" height="100%" rx="8" fill="#1e2127"/>
<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="14" xml:space="preserve">
${texts.filter((text) => text !== '').join('\n')}
</g>
</svg>
`
}

/** One row, and the style that the next one begins with. Each run is laid on its columns, whatever the font's width. */
function drawRow(row, at, before) {
  let style = before
  let column = 0
  const y = margin + at * cell.height + 14
  const runs = []
  // biome-ignore lint/suspicious/noControlCharactersInRegex: this is what separates text from style
  for (const [, codes, text] of row.matchAll(/\x1b\[([\d;]*)m|([^\x1b]+)/g)) {
    if (text === undefined) {
      style = restyled(style, codes)
      continue
    }
    const length = [...text].length
    if (text.trim() !== '') runs.push(drawRun(text, column, length, y, style))
    column += length
  }
  return { svg: runs.join(''), style }
}

function drawRun(text, column, length, y, { colour, bold }) {
  const x = (margin + column * cell.width).toFixed(1)
  const weight = bold ? ' font-weight="bold"' : ''
  return `<text x="${x}" y="${y}" fill="${colour}"${weight} textLength="${(length * cell.width).toFixed(1)}">${escaped(text)}</text>`
}

/** SGR codes: https://ecma-international.org/publications-and-standards/standards/ecma-48/ (8.3.117). Codes that aren't drawn change nothing. */
function restyled(style, codes) {
  let { colour, bold } = style
  for (const code of codes.split(';').map(Number)) {
    if (code === 0 || code === 22) bold = false
    if (code === 0 || code === 39 || (code === 22 && colour === dimColour)) colour = plainColour
    if (code === 1) bold = true
    if (code === 2) colour = dimColour
    colour = colours[code - (code >= 90 ? 90 : 30)] ?? colour
  }
  return { colour, bold }
}

function escaped(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
