import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { createServer, request } from 'node:http'
import { request as secure } from 'node:https'
import { join } from 'node:path'
import { median, spread, table, times } from './measure.js'
import { others, run } from './others.js'

/** What `npx` costs with an empty cache and with a full one, and how much it fetches, beside others. Nothing but the first is from a file. */
export async function delivery({ scratch, rounds }) {
  const root = new URL('..', import.meta.url).pathname
  const [{ filename }] = JSON.parse(
    run('npm', ['pack', '--json', '--pack-destination', scratch], { cwd: root }).replace(/^[^[]*(?=\[\n)/, ''),
  )
  const packages = {
    'eso-bootstrap': [join(scratch, filename), 'eso-bootstrap'],
    ...Object.fromEntries(Object.entries(others).map(([name, spec]) => [spec, [spec, name]])),
  }
  const counter = await countingRegistry(run('npm', ['config', 'get', 'registry']).trim())
  try {
    const rows = []
    const cold = {}
    for (const [name, [spec, bin]] of Object.entries(packages)) {
      const taken = { cold: [], warm: [] }
      let fetched
      for (let round = 0; round < rounds; round++) {
        const home = join(scratch, `npx-${round}`)
        mkdirSync(home)
        counter.reset()
        for (const state of ['cold', 'warm']) taken[state].push(await npx(spec, bin, home, counter.url))
        fetched ??= counter.bytes() + (spec === name ? 0 : bytesOf(spec))
        rmSync(home, { recursive: true })
      }
      const { packages: count, files } = await contents(spec, scratch, counter.url)
      cold[name] = median(taken.cold)
      rows.push([
        `\`${name}\``,
        megabytes(fetched),
        String(count),
        files.toLocaleString('en-US'),
        seconds(cold[name]),
        spread(taken.cold),
        seconds(median(taken.warm)),
        spread(taken.warm),
      ])
    }
    const fastest = Math.min(...Object.entries(cold).flatMap(([name, value]) => (name === 'eso-bootstrap' ? [] : [value])))
    const ratio = cold['eso-bootstrap'] / fastest
    return {
      title: 'Delivery',
      text: `\`npx <package> --version\` with an empty cache (cold) and again (warm), ${rounds} times each. Ours comes from the packed tarball, which saves two requests to the registry. Cold, it takes ${times(ratio)} of the fastest other.\n\n${table(['Package', 'Fetched', 'Packages', 'Files', 'Cold', 'Spread', 'Warm', 'Spread'], rows)}`,
      measures: { 'delivery cold, to the fastest other': ratio },
    }
  } finally {
    counter.close()
  }
}

/** As a person has it, but for the registry: tarballs come through the counter too. */
function environment(home, registry) {
  const own = Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name))
  return {
    ...Object.fromEntries(own),
    HOME: home,
    npm_config_cache: join(home, 'cache'),
    npm_config_registry: registry,
    npm_config_replace_registry_host: 'always',
    npm_config_audit: 'false',
    npm_config_fund: 'false',
    npm_config_update_notifier: 'false',
  }
}

/** Not synchronously: the counter in this process has to answer. */
async function npm(args, home, registry) {
  const child = spawn('npm', args, { cwd: home, env: environment(home, registry), stdio: ['ignore', 'pipe', 'pipe'] })
  const said = []
  const failed = []
  child.stdout.on('data', (chunk) => said.push(chunk))
  child.stderr.on('data', (chunk) => failed.push(chunk))
  const [status] = await once(child, 'close')
  if (status !== 0) throw new Error(`npm ${args.join(' ')} ended with ${status}:\n${Buffer.concat(failed)}`)
  return Buffer.concat(said).toString()
}

async function npx(spec, bin, home, registry) {
  const began = performance.now()
  await npm(['exec', '--yes', '--package', spec, '--', bin, '--version'], home, registry)
  return performance.now() - began
}

/** What is there once it is installed. */
async function contents(spec, scratch, registry) {
  const folder = join(scratch, 'contents')
  mkdirSync(folder)
  const added = await npm(['install', '--prefix', folder, '--no-save', '--json', spec], folder, registry)
  const files = readdirSync(join(folder, 'node_modules'), { recursive: true, withFileTypes: true }).filter((each) => each.isFile()).length
  rmSync(folder, { recursive: true })
  return { packages: JSON.parse(added).added, files }
}

function bytesOf(file) {
  return Number(run('stat', ['-c', '%s', file]))
}

/** The registry behind a counter of what it sends. */
async function countingRegistry(upstream) {
  let bytes = 0
  const server = createServer((incoming, outgoing) => {
    const to = new URL(incoming.url.replace(/^\//, ''), upstream)
    const ask = to.protocol === 'https:' ? secure : request
    const headers = { ...incoming.headers, host: to.host }
    incoming.pipe(
      ask(to, { method: incoming.method, headers }, (answer) => {
        outgoing.writeHead(answer.statusCode, answer.headers)
        answer.on('data', (chunk) => {
          bytes += chunk.length
        })
        answer.pipe(outgoing)
      }).on('error', () => outgoing.destroy()),
    )
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { url: `http://127.0.0.1:${server.address().port}/`, bytes: () => bytes, reset: () => (bytes = 0), close: () => server.close() }
}

function megabytes(count) {
  return `${(count / 1e6).toFixed(2)} MB`
}

function seconds(milliseconds) {
  return `${(milliseconds / 1000).toFixed(2)} s`
}
