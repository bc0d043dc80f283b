import { code, generated, prose } from './markdown.js'

const names = {
  cluster: 'The cluster',
  flux: 'Flux',
  files: 'The files',
  operator: 'External Secrets Operator',
  credentials: 'The credentials',
  connect: '1Password Connect',
  token: 'The token',
  stores: 'The stores',
  secrets: 'ExternalSecrets and Secrets',
  security: 'Security',
}

/** What every check of doctor looks for, by the part of the way that it is about; each id is a heading. */
export function checksPage(checks) {
  const categories = [...new Set(checks.map(({ category }) => category))]
  const order = Object.keys(names)
  const sections = categories
    .toSorted((a, b) => order.indexOf(a) - order.indexOf(b))
    .map((category) => {
      const some = checks.filter((each) => each.category === category)
      return `## ${names[category]}\n\n${some.map(section).join('\n\n')}`
    })
  return `${generated}

# Checks

All that \`eso-bootstrap doctor\` looks at: ${checks.length} statements that are true where nothing is wrong. A check is skipped while one that it
needs found an error; what may not be looked at is told as such and never as wrong. \`eso-bootstrap doctor --explain token-expired\` prints
one of these in the terminal, and \`--offline\` runs those that need only the working tree. [How to use it](how-to/doctor.md)

${sections.join('\n\n')}
`
}

function section({ id, title, severity, looksAt, needs, page: { symptom, cause, fix, sources } }) {
  const facts = [
    severity === 'advice' ? 'Advice' : severity === 'warning' ? 'Warning' : 'Error',
    looksAt === 'files' ? 'runs with `--offline` too' : 'looks at the cluster',
    ...(needs.length === 0 ? [] : [`needs ${needs.map((each) => `[${each}](#${each})`).join(', ')}`]),
  ]
  return `### ${id}

**${prose(capital(title))}.** ${facts.join(', ')}.

- Symptom: ${marked(symptom)}
- Cause: ${marked(cause)}
- Fix: ${marked(fix)}
- Sources: ${sources.map((url) => `<${url}>`).join(', ')}`
}

function capital(text) {
  return text[0].toUpperCase() + text.slice(1)
}

/** Commands of ours inside a sentence are code, with what an option is given. */
function marked(text) {
  const command = /(eso-bootstrap (?:init|doctor|status|verify|rotate-token|rotate-credentials)(?: --[a-z-]+(?: <[^<>]+>)?)*)/
  return text
    .split(command)
    .map((part, at) => (at % 2 === 1 ? code(part) : prose(part)))
    .join('')
}
