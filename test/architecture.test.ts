import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..', 'src')
const files = (readdirSync(root, { recursive: true }) as string[]).filter((path) => path.endsWith('.ts')).sort()
const textOf = (path: string) => readFileSync(join(root, path), 'utf8')

/** Files of src that a file imports, types included. */
function importsOf(path: string): string[] {
  const found = [...textOf(path).matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)].map(([, to = '']) => to)
  return found.map((to) => relative(root, join(root, dirname(path), to))).filter((to) => to.endsWith('.ts'))
}

const within = (folder: string) => files.filter((path) => path.startsWith(`${folder}/`))
const places = (pattern: RegExp) => files.filter((path) => pattern.test(textOf(path)))

describe('the house', () => {
  it('has an engine that knows nothing but steps', () => {
    for (const path of within('engine'))
      expect(importsOf(path).filter((to) => !to.startsWith('engine/') && to !== 'failure.ts')).toEqual([])
  })

  it.each(['kubernetes', 'onepassword', 'manifests', 'git', 'flux', 'upstream'])(
    'keeps %s below steps, commands and the terminal',
    (folder) => {
      const up = within(folder)
        .flatMap(importsOf)
        .filter((to) => /^(steps|commands|terminal|engine|sandbox)\//.test(to))
      expect(up).toEqual([])
    },
  )

  it.each(['steps', 'status'])('lets %s speak to nobody but the adapters', (folder) => {
    const out = within(folder)
      .flatMap(importsOf)
      .filter((to) => /^(commands|sandbox|terminal)\//.test(to))
    expect(out).toEqual([])
  })

  it('has a terminal that knows no command', () => {
    expect(
      within('terminal')
        .flatMap(importsOf)
        .filter((to) => to.startsWith('commands/')),
    ).toEqual([])
  })

  it('ships the sandbox to nobody but demo', () => {
    const users = files.filter((path) => !path.startsWith('sandbox/') && importsOf(path).some((to) => to.startsWith('sandbox/')))
    expect(users).toEqual(['commands/demo.ts'])
  })

  it('touches the process in one file', () => {
    expect(places(/process\.(env|argv|stdin|stdout|stderr|exit|cwd)\b(?!\?)/).filter((path) => path !== 'child.ts')).toEqual([
      'terminal/io.ts',
    ])
  })

  it('starts children in one file', () => {
    expect(places(/from '(execa|node:child_process)'/)).toEqual(['child.ts'])
  })

  // A secret's value is taken out of its wrapper where its shape is checked, and where it leaves; a new place needs a reason.
  it('reveals secrets in few places', () => {
    const reveal = places(/\.reveal\(\)/).filter((path) => !path.startsWith('sandbox/'))
    expect(reveal).toEqual([
      'onepassword/connect.ts',
      'onepassword/credentials.ts',
      'onepassword/encoding.ts',
      'onepassword/kept-item.ts',
      'onepassword/read-source.ts',
      'onepassword/token.ts',
      'steps/round-trip.ts',
      'steps/secret-write.ts',
    ])
  })

  it('has no file that wants a table of contents', () => {
    const lines = files.map((path) => ({ path, lines: textOf(path).split('\n').length - 1 }))
    expect(lines.filter((each) => each.lines > 300)).toEqual([])
    const sorted = lines.map((each) => each.lines).sort((a, b) => a - b)
    expect(sorted[Math.floor(sorted.length / 2)]).toBeLessThanOrEqual(100)
  })
})
