// Writes docs/reference from the tables in the code, and the table of versions in the README: node scripts/docs.js. With --check it writes nothing, and ends with 1
// if a page is not what the code says.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { checksPage } from './docs/checks.js'
import { errorsPage } from './docs/errors.js'
import { exitCodesPage } from './docs/exit-codes.js'
import { jsonPage } from './docs/json.js'
import { loadSource } from './docs/load.js'
import { messagesPage } from './docs/messages.js'
import { environmentPage, optionsPage } from './docs/options.js'
import { permissionsPage } from './docs/permissions.js'
import { withProven } from './docs/proven.js'

const folder = 'docs/reference'
const isCheck = process.argv.includes('--check')

const table = await loadSource('src/options.ts')
const { checks } = await loadSource('src/doctor/checks.ts')
const { messages } = await loadSource('src/onepassword/messages.ts')
const { exitCodes } = await loadSource('src/failure.ts')
const json = (path) => JSON.parse(readFileSync(path, 'utf8'))
const pages = {
  [`${folder}/options.md`]: optionsPage(table),
  [`${folder}/environment.md`]: environmentPage(table),
  [`${folder}/exit-codes.md`]: exitCodesPage(exitCodes),
  [`${folder}/errors.md`]: errorsPage('src'),
  [`${folder}/messages.md`]: messagesPage(messages),
  [`${folder}/permissions.md`]: permissionsPage(),
  [`${folder}/json.md`]: jsonPage(
    json('docs/schema/init.v1.json'),
    json('docs/schema/rotation.v1.json'),
    json('docs/schema/status.v1.json'),
    json('docs/schema/verify.v1.json'),
    json('docs/schema/doctor.v1.json'),
  ),
  'docs/checks.md': checksPage(checks),
  'README.md': withProven(readFileSync('README.md', 'utf8'), json('docs/transcripts/versions.json')),
}

mkdirSync(folder, { recursive: true })
for (const [path, text] of Object.entries(pages)) {
  if (existsSync(path) && readFileSync(path, 'utf8') === text) continue
  process.stdout.write(`${path} ${isCheck ? 'is not what the code says: node scripts/docs.js' : 'written'}\n`)
  if (isCheck) process.exitCode = 1
  else writeFileSync(path, text)
}
