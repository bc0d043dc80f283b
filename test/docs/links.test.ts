import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { pages, read, root, withoutCode } from './markdown.ts'

/** How GitHub names the anchor of a heading: https://docs.github.com/en/get-started/writing-on-github/getting-started-with-writing-and-formatting-on-github/basic-writing-and-formatting-syntax#section-links */
function anchorsOf(markdown: string): Set<string> {
  const headings = markdown.replace(/^( *)```.*?^\1```$/gms, '').matchAll(/^#+ +(.+)$/gm)
  const names = [...headings].map(([, text = '']) =>
    text
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\p{M} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
  return new Set(names.map((name, at) => `${name}${numberOf(names, at)}`))
}

function numberOf(names: string[], at: number): string {
  const earlier = names.slice(0, at).filter((name) => name === names[at]).length
  return earlier === 0 ? '' : `-${earlier}`
}

interface Link {
  page: string
  to: string
}

const links: Link[] = pages.flatMap((page) =>
  [...withoutCode(read(page)).matchAll(/\]\(([^)\s]+)\)|<img src="([^"]+)"/g)].map(([, link, image]) => ({
    page,
    to: link ?? image ?? '',
  })),
)
const relative = links.filter(({ to }) => !/^[a-z]+:/.test(to))

/** What is wrong with a link to a file of this repository. */
function flaw({ page, to }: Link): string | undefined {
  const [path = '', anchor] = to.split('#')
  const target = path === '' ? page : join(dirname(page), path)
  if (!existsSync(join(root, target))) return `${page} links to ${to}, which is not there`
  if (anchor === undefined) return undefined
  if (!target.endsWith('.md')) return `${page} links to an anchor in ${to}`
  return anchorsOf(read(target)).has(anchor) ? undefined : `${page} links to ${to}, and there is no such heading`
}

describe('links', () => {
  it('lead to files and headings that are there', () => {
    expect(relative.length).toBeGreaterThan(60)
    expect(relative.flatMap((link) => flaw(link) ?? [])).toEqual([])
  })

  it.each([
    ['README.md', 'docs/nothing.md'],
    ['docs/README.md', 'tutorial.md#nothing'],
    ['README.md', 'docs/guided-run.svg#top'],
  ])('from %s to %s would be noticed', (page, to) => {
    expect(flaw({ page, to })).toBeDefined()
  })

  it('to other places are https', () => {
    const others = links.filter(({ to }) => /^[a-z]+:/.test(to) && !to.startsWith('https://'))
    expect(others).toEqual([])
  })

  it('lead to every page of docs, by way of its index', () => {
    const listed = new Set(relative.filter(({ page }) => page === 'docs/README.md').map(({ to }) => join('docs', to)))
    const unlisted = pages.filter((page) => page.startsWith('docs/') && page !== 'docs/README.md' && !listed.has(page))
    expect(unlisted).toEqual([])
  })
})
