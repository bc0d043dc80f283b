import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { exitCodes } from '../../src/failure.ts'
import { bootstrap } from '../../src/steps/index.ts'
import { pages, read, root } from './markdown.ts'

const exec = promisify(execFile)

/** The rows of the tables of a page, each as its cells. */
function rows(markdown: string): string[][] {
  return [...markdown.matchAll(/^\| (.+) \|$/gm)].map(([, row = '']) => row.split(' | '))
}

describe('the reference', () => {
  it('is what the code says', async () => {
    const { stdout } = await exec(process.execPath, ['scripts/docs.js', '--check'], { cwd: root })
    expect(stdout).toBe('')
  }, 60_000)

  it('names every variable that is read, and no other', () => {
    const sources = (readdirSync(join(root, 'src'), { recursive: true }) as string[]).filter(
      (path) => path.endsWith('.ts') && !path.startsWith('sandbox'),
    )
    const named = sources.flatMap((path) =>
      [...readFileSync(join(root, 'src', path), 'utf8').matchAll(/\b(?:env|environment)\['([A-Za-z_]+)'\]/g)].map(([, name]) => name ?? ''),
    )
    const [, others = ''] = read('docs/reference/environment.md').split('## Names that are set already')
    const documented = [...others.matchAll(/^\| `([A-Z_]+)`/gm)].map(([, name]) => name)
    const own = named.filter((name) => !name.startsWith('ESO_BOOTSTRAP_')).map((name) => name.toUpperCase())
    expect([...new Set([...own, 'HTTPS_PROXY', 'HTTP_PROXY', 'NO_PROXY'])].sort()).toEqual(documented.toSorted())
  })
})

describe('exit codes', () => {
  it.each(Object.entries(exitCodes))('%s is %i', (name, code) => {
    const found = rows(read('docs/reference/exit-codes.md')).filter(([first]) => first === `\`${code}\``)
    expect(found.map(([, second]) => second)).toEqual([name])
  })

  it('of the README are some of them', () => {
    const [, table = ''] = read('README.md').split('| Exit code |')
    const codes = rows(`| Exit code |${table.split('\n\n')[0]}`)
      .flatMap(([first = '']) => first.split(', '))
      .filter((each) => /^\d/.test(each))
    expect(codes.map(Number).sort((a, b) => a - b)).toEqual([0, 2, 3, 4, 5, 6, 10])
    expect(Object.values(exitCodes)).toEqual(expect.arrayContaining(codes.map(Number)))
  })
})

describe('what is told of the steps', () => {
  it('names each, in its order', () => {
    const told = rows(read('docs/explanation/how-init-works.md')).flatMap(([first = '']) => /^`([a-z]+)`$/.exec(first)?.[1] ?? [])
    expect(told).toEqual(bootstrap.map(({ id }) => id))
  })
})

describe('decisions', () => {
  const decisions = pages.filter((page) => page.startsWith('docs/adr/'))

  it.each(decisions)('%s has its parts and is one page', (page) => {
    const text = read(page)
    const headings = [...text.matchAll(/^## (.+)$/gm)].map(([, heading]) => heading)
    expect(headings).toEqual(['Context', 'Decision', 'Consequences', 'Alternatives'])
    expect(text).toMatch(new RegExp(`^# ${page.slice('docs/adr/'.length, 'docs/adr/'.length + 4)} .+\\n\\n(Proposed|Accepted|Superseded)`))
    expect(text.split('\n').length).toBeLessThan(70)
  })

  it('are numbered without a gap', () => {
    expect(decisions.map((page) => Number(page.slice('docs/adr/'.length, 'docs/adr/'.length + 4)))).toEqual(
      decisions.map((_, at) => at + 1),
    )
  })

  it('that the code points to are there', async () => {
    const { stdout } = await exec(
      'git',
      ['grep', '-hoE', 'docs/(adr|explanation|how-to|reference)/[a-z0-9-]+\\.md', '--', 'src', 'scripts', 'test'],
      {
        cwd: root,
      },
    )
    const missing = stdout.split('\n').filter((path) => path !== '' && !pages.includes(path))
    expect(missing).toEqual([])
  })
})
