import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Ajv } from 'ajv'
import { describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { enableEntry } from '../../src/manifests/kustomization.ts'
import { setVaults } from '../../src/manifests/vaults.ts'
import { kustomizationFile, seed, storesFile } from '../commands/init/trees.ts'
import { blocks, pages, read, root } from './markdown.ts'

const exec = promisify(execFile)
const all = pages.flatMap((page) => blocks(read(page)).map((block) => ({ ...block, where: `${page}:${block.line}` })))
const of = (language: string) => all.filter((block) => block.language === language)

/** What the API server would say of an object, for the kinds that we have the CRDs of; unknown fields are wrong as well. */
const crds = new Map<string, Record<string, unknown>>(
  (readdirSync(join(root, 'test/fixtures/crds'), { recursive: true }) as string[])
    .filter((path) => /^[a-z-]+-\d.*\/[A-Z]\w+\.json$/.test(path))
    .sort()
    .flatMap((path) => {
      const { group, kind, versions } = JSON.parse(readFileSync(join(root, 'test/fixtures/crds', path), 'utf8')) as Crd
      return Object.entries(versions).map(([version, { schema }]) => [`${group}/${version} ${kind}`, schema] as const)
    }),
)

interface Crd {
  group: string
  kind: string
  versions: Record<string, { schema: Record<string, unknown> }>
}

function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed)
  if (typeof schema !== 'object' || schema === null) return schema
  const parts = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]))
  const open = 'properties' in parts && !('additionalProperties' in parts) && parts['x-kubernetes-preserve-unknown-fields'] !== true
  return open ? { ...parts, additionalProperties: false } : parts
}

describe('code blocks', () => {
  it('are in a language that is checked here, or in none', () => {
    expect([...new Set(all.map(({ language }) => language))].sort()).toEqual(['', 'diff', 'sh', 'yaml'])
  })

  it.each(of('yaml'))('YAML in $where is valid', ({ text }) => {
    const ajv = new Ajv({ strict: false, validateFormats: false })
    for (const document of parseAllDocuments(text)) {
      expect([...document.errors, ...document.warnings]).toEqual([])
      const object = document.toJS()
      const schema = crds.get(`${object.apiVersion} ${object.kind}`)
      if (schema === undefined) continue
      const validate = ajv.compile(closed(schema) as object)
      validate(object)
      expect(validate.errors).toBeNull()
    }
  })

  it('some of the YAML is of kinds that are known here', () => {
    const kinds = of('yaml').flatMap(({ text }) => parseAllDocuments(text).map((each) => `${each.get('apiVersion')} ${each.get('kind')}`))
    expect(kinds.filter((kind) => crds.has(kind)).length).toBeGreaterThanOrEqual(4)
  })

  it('shell is shell', async () => {
    const script = of('sh').map(({ text, where }) => `# ${where}\n${text.replace(/<[a-z][^<>\n]*>/g, 'x')}`)
    await exec('bash', ['-n', '-c', script.join('\n')])
  })

  it('the diff that is shown is the diff that is made', async () => {
    const files = await seed()
    const both = (path: string, change: (file: { path: string; text: string }) => string) => {
      const text = files[path] ?? ''
      return [text, change({ path, text })].map((each) => each.split('\n')) as [string[], string[]]
    }
    const entries = ['onepassword-connect', 'secretstores']
    const edits = [
      both(kustomizationFile, (file) =>
        entries.reduce((text, entry) => enableEntry({ ...file, text }, { entry, list: 'resources' }), file.text),
      ),
      both(storesFile, (file) => setVaults(file, [{ key: 'catalyst-eso', order: 1 }])),
    ]
    const made = edits.flatMap(([before, after]) => [
      ...before.filter((line) => !after.includes(line)).map((line) => `-${line}`),
      ...after.filter((line) => !before.includes(line)).map((line) => `+${line}`),
    ])
    const shown = of('diff').flatMap(({ text }) => text.split('\n').filter((line) => /^[-+](?![-+])/.test(line)))
    expect(new Set(shown)).toEqual(new Set(made))
  })
})
