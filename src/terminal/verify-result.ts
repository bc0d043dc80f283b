import { renderRecord } from './errors.ts'
import { type Style, wrap } from './style.ts'
import type { StoreReport, VerifyReport } from './verify-report.ts'

/** The result for a person: for each store whether it is proven, what was seen of the value, and what each hop took. */
export function renderVerification(report: VerifyReport, style: Style): string {
  const { removed, kept } = report.swept
  const left = (names: readonly string[], what: string) =>
    names.length === 0 ? [] : [wrap(`Left by an earlier run that was ended, and ${what}: ${names.join(', ')}`, style.columns, '  ')]
  const sections = [
    ...report.stores.map((each) => storeLines(report, each, style)),
    [...left(removed, 'removed'), ...left(kept, 'still there')],
  ]
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`
}

function storeLines(report: VerifyReport, each: StoreReport, style: Style): string[] {
  const { colour, columns } = style
  const subject = `${report.item}/${report.field}`
  const hops = [
    ...hop('Connect', each.milliseconds.connect, 'through a port-forward'),
    ...hop('store', each.milliseconds.store, 'until it was Ready'),
    ...hop('sync', each.milliseconds.sync, `from the ExternalSecret to the Secret, in ${each.namespace}`),
    ...hop('change', each.refresh?.waited, changeOf(each)),
  ]
  const hang = (text: string) => wrap(text, columns - 2).replaceAll('\n', '\n  ')
  switch (each.verdict) {
    case 'proven':
      return [colour.green(hang(`✔ Proven: ${subject} came through ${each.store}, and is what Connect gives.`)), ...lengthOf(each), ...hops]
    case 'uncompared':
      return [
        colour.yellow(hang(`✔ ${subject} came through ${each.store}. It was not compared with what Connect gives.`)),
        ...(each.uncompared === undefined ? [] : [wrap(`Why: ${each.uncompared}`, columns, '  ')]),
        ...lengthOf(each),
        ...hops,
      ]
    case 'failed':
      return [`Not proven: ${each.store}`, ...each.errors.map((error) => renderRecord(error, style)), ...hops]
    case 'not-reached':
      return [`Not begun: ${each.store}`]
  }
}

function lengthOf({ value }: StoreReport): string[] {
  return value === undefined ? [] : [`  ${value.length} bytes, salted digest ${value.digest}`]
}

function hop(name: string, milliseconds: number | undefined, says: string): string[] {
  return milliseconds === undefined ? [] : [`  ${name.padEnd(7)}  ${spanOf(milliseconds).padStart(7)}  ${says}`]
}

function changeOf({ refresh }: StoreReport): string {
  if (refresh === undefined) return ''
  const since = refresh.since === undefined ? '' : `, ${spanOf(refresh.since)} after it was made in 1Password`
  return `until it arrived${since}${refresh.compared ? '' : '; not compared'}`
}

/** `85 ms`, `2.4 s`, `75 s` */
function spanOf(milliseconds: number): string {
  if (milliseconds < 1_000) return `${Math.round(milliseconds)} ms`
  return `${milliseconds < 10_000 ? (milliseconds / 1_000).toFixed(1) : Math.round(milliseconds / 1_000)} s`
}
