import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { rolldown } from 'rolldown'

/** The exports of a TypeScript source with all that it imports; Node 20 can't import one by itself. */
export async function loadSource(path) {
  const dir = mkdtempSync(join(tmpdir(), 'eso-bootstrap-docs-'))
  try {
    const bundle = await rolldown({ input: path, platform: 'node' })
    await bundle.write({ dir, format: 'esm', entryFileNames: 'index.mjs', chunkFileNames: '[name].mjs' })
    await bundle.close()
    return await import(pathToFileURL(join(dir, 'index.mjs')).href)
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}
