/** What stands above each page, so that nobody edits it by hand. */
export const generated = '<!-- Made by scripts/docs.js from the code: change it there. -->'

export function table(head, rows) {
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.map(cell).join(' | ')} |`).join('\n')
}

export function code(text) {
  return `\`${text}\``
}

function cell(text) {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ')
}

/** Outside of code, angle brackets would be read as HTML. */
export function prose(text) {
  return text.replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
