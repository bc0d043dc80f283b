// Bundles src into dist: one chunk per lazily imported part, so that a command loads only what it uses,
// and the published package depends on nothing (docs/adr/0001-bundle-without-dependencies.md).
import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { rolldown } from 'rolldown'
import { notices } from './notices.js'

const bundle = await rolldown({
  input: { cli: 'src/cli.ts' },
  platform: 'node',
  // Its thousand generated models have no effect but their own definition; package.json doesn't say so.
  treeshake: { moduleSideEffects: [{ test: /@kubernetes\/client-node\/dist/, sideEffects: false }] },
  // client-node reaches whatwg-url through node-fetch; Node has had the same class as a global for years.
  resolve: { alias: { 'whatwg-url': new URL('./whatwg-url.js', import.meta.url).pathname } },
})
// Written beside it, and put in its place when it is whole: two builds at the same time don't spoil each other.
const fresh = `dist.${process.pid}`
// What is explained is in the repository; here it would be a seventh of the download. Licences' comments stay.
const { output } = await bundle.write({
  dir: fresh,
  format: 'esm',
  chunkFileNames: '[name].js',
  comments: { annotation: false, jsdoc: false, legal: true },
})
await bundle.close()
rmSync('dist', { recursive: true, force: true })
renameSync(fresh, 'dist')

const modules = output.flatMap((chunk) => (chunk.type === 'chunk' ? chunk.moduleIds : []))
writeFileSync('THIRD-PARTY-NOTICES.txt', notices(modules))
