import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { rolldown } from 'rolldown'

/** Files that are found beside a module are still beside where it came from. */
const places = {
  name: 'places',
  transform: (code, id) => code.replaceAll('import.meta.url', JSON.stringify(pathToFileURL(id).href)),
}

/**
 * Runs a TypeScript program of bench/ on this Node, bundled as the program itself is (scripts/build.js), so that it has its memory;
 * gives what it printed, as JSON. What it says on standard error is shown. Throws if it fails.
 */
export async function measured(path, args) {
  const scratch = mkdtempSync(join(tmpdir(), 'eso-bootstrap-bench-'))
  try {
    const bundle = await rolldown({
      input: new URL(path, import.meta.url).pathname,
      platform: 'node',
      plugins: [places],
      treeshake: { moduleSideEffects: [{ test: /@kubernetes\/client-node\/dist/, sideEffects: false }] },
      resolve: { alias: { 'whatwg-url': new URL('../scripts/whatwg-url.js', import.meta.url).pathname } },
    })
    await bundle.write({ dir: scratch, format: 'esm', entryFileNames: 'index.mjs', chunkFileNames: '[name].mjs' })
    await bundle.close()
    const child = spawn(process.execPath, [join(scratch, 'index.mjs'), ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
    const chunks = []
    child.stdout.on('data', (chunk) => chunks.push(chunk))
    const [status] = await once(child, 'close')
    if (status !== 0) throw new Error(`${path} ended with ${status}`)
    return JSON.parse(Buffer.concat(chunks).toString())
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}
