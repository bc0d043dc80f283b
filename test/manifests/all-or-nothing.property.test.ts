import { execFile } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { run } from '../commands/run.ts'

const base = 'infrastructure/base/external-secrets'
const list = `${base}/kustomization.yaml`
const store = `${base}/secretstores/onepassword-secretstore.yaml`

let root = ''
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'eso-bootstrap-'))
  await cp(fileURLToPath(new URL('../fixtures/seed', import.meta.url)), root, { recursive: true })
  await promisify(execFile)('git', ['init', '--quiet', root])
})
afterAll(() => rm(root, { recursive: true, force: true }))

const read = () => Promise.all([list, store].map((file) => readFile(join(root, file), 'utf8')))
const write = (texts: readonly string[]) => Promise.all([list, store].map((file, at) => writeFile(join(root, file), texts[at] ?? '')))
const init = (...vaults: string[]) =>
  run(['init', '--offline', '--yes', '--repo', root, '--path', base, ...vaults.flatMap((vault) => ['--vault', vault])])

/** One of these lines, and now and then one of those that most tools stumble over. */
const mostly = (usual: readonly string[], odd: readonly string[]) =>
  fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...usual) }, { weight: 1, arbitrary: fc.constantFrom(...odd) })
const entry = (name: string) =>
  mostly(
    ['  - ', '  # - ', '#  - ', '# - ', '  #- '].map((mark) => mark + name),
    [`##- ${name}`, `\t# - ${name}`, `\t- ${name}`, `- ${name}`, ''],
  )
const lists = fc
  .tuple(
    mostly(['resources:'], ['resources: []', 'resources: [namespace.yaml]', 'components:', '# resources:', '{{ if .x }}']),
    mostly(['  - namespace.yaml', '', '# prose'], ['- operator', '  - gone.yaml']),
    entry('onepassword-connect'),
    entry('./secretstores/'),
    mostly(['', 'namespace: x'], ['resources: []', '---', '  # - secretstores', 'patches: [{ path: gone.yaml }]', 'sops: {}']),
  )
  .map((lines) => ['kind: Kustomization', ...lines])
const stores = fc
  .tuple(
    mostly(['      vaults:'], ['      vaults: {}', '      vaults: [a]', '      vaults: { a: 1 }', '      vaults: a', '']),
    mostly(['        homelab: 1 # note', "        'Home Lab': 1", '        1: 1', ''], [`        "\${CLUSTER}": 1`, '        {{ .x }}: 1']),
    mostly(['        b: 2', '        # b: 2', ''], ['        homelab: 2', '\t\tb: 2', '        c: |']),
    mostly(['onepassword'], ['onepwd', 'onepasswordSDK']),
  )
  .map(([vaults, first, second, provider]) => [
    ...['apiVersion: external-secrets.io/v1', 'kind: ClusterSecretStore', 'metadata: { name: onepassword }', 'spec:', '  provider:'],
    ...[`    ${provider}:`, '      connectHost: http://onepassword-connect:8080', '      auth: {}', vaults, first, second],
  ])
const texts = fc
  .tuple(lists, stores, fc.constantFrom('\n', '\r\n'), fc.constantFrom('', '\uFEFF'), fc.boolean())
  .map(([one, other, eol, bom, ends]) => [one, other].map((lines) => bom + lines.join(eol) + (ends ? eol : '')))

test('a refusal leaves both files as they were; else a second run has nothing to do', async () => {
  await fc.assert(
    fc.asyncProperty(texts, fc.constantFrom(['catalyst-eso'], ['b', 'Home Lab'], ['homelab']), async (before, vaults) => {
      await write(before)
      const first = await init(...vaults)
      const after = await read()
      if (first.code !== 0) {
        expect(first.stderr).toContain('Nothing was changed.')
        expect(after).toEqual(before)
        return
      }
      const second = await init(...vaults)
      expect(second).toMatchObject({ code: 0, stdout: expect.stringContaining('Nothing to change') })
      expect(await read()).toEqual(after)
    }),
    { numRuns: 12 },
  )
})
