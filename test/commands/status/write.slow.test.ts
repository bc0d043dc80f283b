import { chmod, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { base } from '../init/trees.ts'
import { type Healthy, openHealthy, withoutSecrets } from './stage.ts'

let at: Healthy
beforeAll(async () => {
  at = await openHealthy()
})
afterAll(() => at?.close())

const path = () => join(at.sandbox.repository, base, 'STATUS.md')
const read = () => readFile(path(), 'utf8')
const begin = '<!-- eso-bootstrap status: begin -->'
const end = '<!-- eso-bootstrap status: end -->'

test('goes behind what is there, and the same again is the same to the byte', async () => {
  const { code, stderr } = await at.status(['--write'])
  expect([code, stderr]).toEqual([0, `Written: ${base}/STATUS.md\n`])
  const first = await read()
  withoutSecrets(at, first)
  const [, block = ''] = first.split(begin)
  expect(block.replace(/\d{4}-\d{2}-\d{2}/g, 'DAY')).toMatchInlineSnapshot(`
    "
    _As of DAY, cluster sandbox, written by \`eso-bootstrap status --write\`._

    **Healthy.**

    | Component | Version | State |
    | --- | --- | --- |
    | Kubernetes | 1.34.1 |  |
    | Flux | 2.9.4 | external-secrets ready, external-secrets-operator ready |
    | External Secrets Operator external-secrets/external-secrets | 2.9.0 | running |
    | External Secrets Operator external-secrets/external-secrets-webhook | 2.9.0 | running |
    | External Secrets Operator external-secrets/external-secrets-cert-controller | 2.9.0 | running |
    | 1Password Connect external-secrets/onepassword-connect | 1.8.2 | running |
    | ClusterSecretStore onepassword (catalyst-eso) |  | Ready since DAY |
    | SecretStore external-secrets/onepassword (catalyst-eso) |  | Ready since DAY |
    | Connect token external-secrets/onepassword-connect-token |  | valid, until DAY |
    | ExternalSecrets |  | 1 in all: 1 synced, 0 failing, 0 other |

    - [x] Flux has applied the External Secrets folder
    - [x] External Secrets Operator runs and serves its API
    - [x] 1Password Connect runs
    - [x] The Connect token is valid
    - [x] The stores are Ready
    - [x] Every ExternalSecret is synchronised
    <!-- eso-bootstrap status: end -->
    "
  `)
  expect(await at.report(['--write'])).toMatchObject({ verdict: 'healthy', written: `${base}/STATUS.md` })
  expect(await read()).toBe(first)
  await at.status(['--write'], { now: () => new Date(Date.now() + 2 * 86_400_000) })
  expect((await read()).split('\n').filter((line, index) => line !== first.split('\n')[index])).toEqual([expect.stringMatching(/^_As of /)])
})

test('all outside of the markers stays, byte for byte, and so do line endings and the mode', async () => {
  const [head, tail] = [`a\r\n${begin}\r\n`, `\r\n${end}\r\n\tb without an end`]
  await writeFile(path(), `${head}stale words${tail}`)
  await chmod(path(), 0o640)
  await at.status(['--write'])
  const after = await read()
  expect([after.startsWith(head), after.endsWith(tail), after.includes('stale words')]).toEqual([true, true, false])
  expect(after.replaceAll('\r\n', '')).not.toMatch(/[\r\n]/)
  expect((await stat(path())).mode & 0o777).toBe(0o640)
})

test('without a pair of markers it is refused, and the file is as it was', async () => {
  await writeFile(path(), `${begin}\nx`)
  const { code, stderr } = await at.status(['--write'])
  expect([code, stderr.replace(/\s+/g, ' ')]).toEqual([3, expect.stringContaining('one pair of the markers')])
  expect(await read()).toBe(`${begin}\nx`)
})

test('without a working tree there is nothing to write into', async () => {
  const { code, stderr } = await at.status(['--write'], { cwd: at.sandbox.folder })
  expect([code, stderr]).toEqual([3, expect.stringContaining('There is no working tree here')])
})
