// What it costs to rotate a token and prove it with 100 and with 10,000 ExternalSecrets, in front of a real etcd and kube-apiserver,
// beside kubectl that changes an annotation of each, and a wait for those who have synchronised, which kubectl knows nothing of. A
// stand-in for the operator synchronises at once what was changed, so what is measured is us and the API server. Needs Go, or KUBEBUILDER_ASSETS, as the cluster suite does, and
// kubectl; peaks of memory are read where there is /proc. Takes some five minutes.
//   npm run bench:scale            100 and 10,000
//   npm run bench:scale -- 100 1000
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { rolldown } from 'rolldown'

const scratch = mkdtempSync(join(tmpdir(), 'eso-bootstrap-scale-'))
const file = (name) => new URL(`./scale/${name}`, import.meta.url).pathname
const aliases = { 'whatwg-url': new URL('../scripts/whatwg-url.js', import.meta.url).pathname }

/** Files that are found beside a module are still beside where it came from. */
const places = {
  name: 'places',
  transform: (code, id) => code.replaceAll('import.meta.url', JSON.stringify(pathToFileURL(id).href)),
}

/** TypeScript as Node 20 runs it, bundled as the program is (scripts/build.js), so that it has its memory. */
async function bundle(name) {
  const bundled = await rolldown({
    input: file(name),
    platform: 'node',
    plugins: [places],
    treeshake: { moduleSideEffects: [{ test: /@kubernetes\/client-node\/dist/, sideEffects: false }] },
    resolve: { alias: aliases },
  })
  const dir = join(scratch, name)
  await bundled.write({ dir, format: 'esm', entryFileNames: 'index.mjs', chunkFileNames: '[name].mjs' })
  await bundled.close()
  return join(dir, 'index.mjs')
}

try {
  const program = new URL('../bin/eso-bootstrap.js', import.meta.url).pathname
  const main = await bundle('main.ts')
  const [status] = await once(spawn(process.execPath, [main, program, ...process.argv.slice(2)], { stdio: 'inherit' }), 'exit')
  process.exitCode = status ?? 1
} finally {
  rmSync(scratch, { recursive: true, force: true })
}
