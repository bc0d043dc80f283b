import { createHash } from 'node:crypto'
import type { Log, ReportingDescriptor, Result } from 'sarif'
import type { Check } from '../doctor/check.ts'
import type { Examination } from '../doctor/examine.ts'
import { version } from '../version.ts'
import { pageOf, type Told, told } from './doctor-report.ts'

const levels = { error: 'error', warning: 'warning', advice: 'note' } as const

/** The findings as code scanners give them: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html */
export function sarifOf(examination: Pick<Examination, 'results'>): Log {
  const rules = examination.results.map(({ check }) => check)
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'eso-bootstrap doctor',
            semanticVersion: version(),
            informationUri: 'https://github.com/eso-bootstrap/eso-bootstrap',
            rules: rules.map(ruleOf),
          },
        },
        results: told(examination).map((each) => resultOf(each, rules)),
      },
    ],
  }
}

function ruleOf({ id, title, severity, page: { symptom, cause, fix } }: Check): ReportingDescriptor {
  return {
    id,
    shortDescription: { text: `${title}.` },
    fullDescription: { text: `${symptom} ${cause}` },
    help: { text: fix },
    helpUri: pageOf(id),
    defaultConfiguration: { level: levels[severity] },
  }
}

function resultOf({ check, severity, about, why, fix, at }: Told, rules: readonly Check[]): Result {
  const file = at && {
    physicalLocation: { artifactLocation: { uri: encodeURI(at.path), uriBaseId: '%SRCROOT%' }, region: { startLine: at.line } },
  }
  return {
    ruleId: check.id,
    ruleIndex: rules.indexOf(check),
    level: levels[severity],
    message: { text: [`${about}: ${why}`, ...fix.map((each) => `→ ${each}`)].join('\n') },
    locations: [{ ...file, logicalLocations: [{ fullyQualifiedName: about, kind: 'resource' }] }],
    // The same finding in another run, wherever its line has gone.
    partialFingerprints: {
      'about/v1': createHash('sha256')
        .update(`${check.id} ${about} ${at?.path ?? ''}`)
        .digest('hex')
        .slice(0, 32),
    },
  }
}
