import { measured } from './bundled.js'
import { table, times } from './measure.js'

const bin = new URL('../bin/eso-bootstrap.js', import.meta.url).pathname
const beside = {
  'rotate-token --all': 'kubectl annotate, and wait',
  status: 'kubectl get externalsecrets',
  doctor: 'kubectl get externalsecrets',
}

/**
 * What commands cost with more and more ExternalSecrets, in front of a real etcd and kube-apiserver. A stand-in for the operator
 * synchronises at once what was changed, so what is measured is us and the API server.
 */
export async function scale({ sizes }) {
  const runs = await measured('./scale/main.ts', [bin, ...sizes.map(String)])
  const at = (size, name) => runs.find((each) => each.size === size && each.name === name)?.measured
  const from = Math.max(sizes[0], Math.min(100, sizes.at(-1)))
  const measures = {}
  const rows = runs.map(({ size, name, measured: { seconds, peak } }) => {
    const ratio = beside[name] === undefined ? Number.NaN : seconds / at(size, beside[name]).seconds
    const memory = size < from ? Number.NaN : peak / at(from, name).peak
    if (size === sizes.at(-1) && beside[name] !== undefined) {
      measures[`scale ${name}, memory`] = memory
      measures[`scale ${name}, time`] = ratio
    }
    return [
      size.toLocaleString('en-US'),
      `\`${name}\``,
      `${seconds.toFixed(1)} s`,
      times(ratio),
      peak === undefined ? 'not known' : `${peak.toFixed(0)} MB`,
      times(memory),
    ]
  })
  return {
    title: 'Many ExternalSecrets',
    text: `A real etcd and kube-apiserver; the operator is stood in for, and Connect is not there. \`rotate-token --all\` is beside kubectl that changes an annotation of each, and a wait for those that have synchronised, which kubectl knows nothing of; \`status\` and \`doctor\` are beside kubectl that lists them. Memory is compared with that of ${from.toLocaleString('en-US')}.\n\n${table(['ExternalSecrets', 'Command', 'Time', 'To kubectl', 'Peak memory', `To ${from.toLocaleString('en-US')}`], rows)}`,
    measures,
  }
}
