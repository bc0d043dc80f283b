const [begin, end] = ['<!-- written by scripts/docs.js -->', '<!-- until here -->']

/** The README with the table of versions as the end-to-end suite has recorded them. Throws if it has no place for it. */
export function withProven(readme, proven) {
  const [before, rest] = readme.split(begin)
  const after = rest?.split(end)[1]
  if (after === undefined) throw new Error(`README.md has no ${begin} … ${end}`)
  const head = '| Kubernetes | Flux | External Secrets Operator |\n| --- | --- | --- |'
  const bare = (version) => version.replace(/^v/, '')
  const rows = proven.map(({ kubernetes, flux, externalSecrets }) => `| ${[kubernetes, flux, externalSecrets].map(bare).join(' | ')} |`)
  return `${before}${begin}\n\n${[head, ...rows].join('\n')}\n\n${end}${after}`
}
