import { measured } from './bundled.js'
import { median, spread, table, times } from './measure.js'

const bin = new URL('../bin/eso-bootstrap.js', import.meta.url).pathname

/** How long `status` and `doctor` take on the sandbox, also where one call of the API server is slow: the others don't wait for it. */
export async function looks({ rounds }) {
  const { slowest, runs } = await measured('./looks/main.ts', [bin, String(rounds)])
  const startUp = median(runs.version)
  const ratio = (name) => (median(runs[name]) - startUp) / slowest
  const rows = Object.entries(runs).map(([name, taken]) => [
    `\`${name === 'version' ? '--version' : name.split(',')[0]}\`${name.includes(',') ? ', one call takes a second' : ''}`,
    `${median(taken).toFixed(0)} ms`,
    spread(taken),
    name.includes(',') ? times(ratio(name)) : '',
  ])
  return {
    title: 'Looking',
    text: `On the sandbox, with all that it has; ${rounds} times each. The ratio is of the time without start-up to that of the slowest call.\n\n${table(['Command', 'Median', 'Spread', 'To the slowest call'], rows)}`,
    measures: {
      'looks status, to the slowest call': ratio('status, one call slow'),
      'looks doctor, seconds': median(runs.doctor) / 1000,
    },
  }
}
