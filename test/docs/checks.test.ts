import { describe, expect, it } from 'vitest'
import { checkIds } from '../../src/doctor/check-ids.ts'
import { checks } from '../../src/doctor/checks.ts'
import { read } from './markdown.ts'

const page = read('docs/checks.md')
const headings = [...page.matchAll(/^### (.+)$/gm)].map(([, id]) => id ?? '')

describe('docs/checks.md', () => {
  it('has an anchor for each check, and no other', () => {
    expect(headings.toSorted()).toEqual(checks.map(({ id }) => id).toSorted())
  })

  it.each(checks.map((check) => [check.id, check] as const))('tells all of %s', (id, { title, page: told }) => {
    const [, section = ''] = page.split(`### ${id}\n`)
    const [own = ''] = section.split(/^##/m)
    const bare = (text: string) => text.replaceAll('`', '').replaceAll('&lt;', '<').replaceAll('&gt;', '>')
    for (const text of [told.symptom, told.cause, told.fix, ...told.sources]) expect(bare(own)).toContain(bare(text))
    expect(bare(own)).toContain(title.slice(1))
  })
})

describe('the checks', () => {
  it('have ids of their own, of small letters', () => {
    expect(checkIds).toEqual(checks.map(({ id }) => id))
    expect(new Set(headings).size).toBe(checks.length)
    expect(checks.filter(({ id }) => !/^[a-z0-9]+(-[a-z0-9]+)*$/.test(id))).toEqual([])
  })

  it('need only what comes before them, and with --offline only what is run then', () => {
    const place = new Map(checks.map(({ id }, at) => [id, at]))
    const wrong = checks.flatMap(({ id, needs }) =>
      needs.filter((each) => (place.get(each) ?? 1e9) >= (place.get(id) ?? 0)).map((each) => `${id} needs ${each}`),
    )
    expect(wrong).toEqual([])
  })

  it('are true statements, with a source for each', () => {
    expect(checks.filter(({ title }) => /^[A-Z]\w* (is|are) not\b|\.$/.test(title))).toEqual([])
    expect(
      checks.flatMap(({ id, page: { sources } }) => (sources.length === 0 ? [id] : sources.filter((url) => !url.startsWith('https://')))),
    ).toEqual([])
  })
})
