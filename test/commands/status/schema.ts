import type { StatusReport } from '../../../src/terminal/status-report.ts'
import { reader, schemaNamed } from '../reports.ts'

export const reportIn = reader<StatusReport>(schemaNamed('status'))
