import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * The licences of every package whose code is in the bundle, from the modules that the bundler really used.
 * Throws if one of them has no licence file and no licence field.
 */
export function notices(moduleIds) {
  const folders = new Set(moduleIds.map(packageFolder).filter(Boolean))
  const packages = [...folders].map(describe).sort((a, b) => a.title.localeCompare(b.title))
  const head = `The files in dist/ contain code of ${packages.length} packages, under these licences.\n`
  return [head, ...packages.map((each) => `${each.title} (${each.license})\n\n${each.text}`)].join(`\n${'-'.repeat(72)}\n\n`)
}

function packageFolder(id) {
  const at = id.lastIndexOf('node_modules/')
  if (at < 0) return undefined
  const [scope, name] = id.slice(at + 'node_modules/'.length).split('/')
  return join(id.slice(0, at), 'node_modules', scope, scope.startsWith('@') ? name : '')
}

function describe(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const file = readdirSync(folder).find((each) => /^(licen[cs]e|copying)/i.test(each))
  if (!license && !file) throw new Error(`no licence found for ${name}`)
  const notice = join(folder, 'NOTICE')
  const texts = [file && join(folder, file), existsSync(notice) && notice].filter(Boolean)
  const text = texts.map((each) => readFileSync(each, 'utf8').trim()).join('\n\n') || `Licence: ${license}`
  return { title: `${name}@${version}`, license: license ?? 'see text', text }
}
