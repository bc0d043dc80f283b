// Writes docs/reference from the tables in the code: node scripts/docs.js. With --check it writes nothing, and ends with 1
// if a page is not what the code says.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { errorsPage } from './docs/errors.js'
import { exitCodesPage } from './docs/exit-codes.js'
import { jsonPage } from './docs/json.js'
import { loadSource } from './docs/load.js'
import { environmentPage, optionsPage } from './docs/options.js'
import { permissionsPage } from './docs/permissions.js'

const folder = 'docs/reference'
const isCheck = process.argv.includes('--check')

const table = await loadSource('src/options.ts')
const { exitCodes } = await loadSource('src/failure.ts')
const pages = {
  'options.md': optionsPage(table),
  'environment.md': environmentPage(table),
  'exit-codes.md': exitCodesPage(exitCodes),
  'errors.md': errorsPage('src'),
  'permissions.md': permissionsPage(),
  'json.md': jsonPage(JSON.parse(readFileSync('docs/schema/init.v1.json', 'utf8'))),
}

mkdirSync(folder, { recursive: true })
for (const [name, text] of Object.entries(pages)) {
  const path = `${folder}/${name}`
  if (existsSync(path) && readFileSync(path, 'utf8') === text) continue
  process.stdout.write(`${path} ${isCheck ? 'is not what the code says: node scripts/docs.js' : 'written'}\n`)
  if (isCheck) process.exitCode = 1
  else writeFileSync(path, text)
}
