import type { Report } from '../../../src/terminal/report.ts'
import { reader, schemaNamed } from '../reports.ts'

export const validate = schemaNamed('init', { strictRequired: true })
export const reportIn = reader<Report>(validate)
