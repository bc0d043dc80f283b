import type { Finding } from '../check.ts'

const most = 5

/** The first five of many findings, and how many more there were: of ten thousand nobody wants to read. */
export interface Worst {
  add(find: () => Finding): void
  findings(): Finding[]
}

/** `others` is what the rest are: `12 more ExternalSecrets` and why, and the command that lists them. */
export function worst(others: { name: string; why: string; fix: string; severity?: Finding['severity'] }): Worst {
  const findings: Finding[] = []
  let more = 0
  const { name, severity, ...rest } = others
  return {
    add(find) {
      if (findings.length < most) findings.push({ ...find(), ...(severity !== undefined && { severity }) })
      else more++
    },
    findings() {
      if (more === 0) return findings
      return [...findings, { about: `${more} more ${name}`, ...rest, fix: [rest.fix], ...(severity !== undefined && { severity }) }]
    },
  }
}
