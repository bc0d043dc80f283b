import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import type { Rule } from '../../src/sandbox/api/access.ts'
import { isRead } from '../../src/sandbox/api/requests.ts'
import { openRotation, type Rotation } from '../commands/rotate/stage.ts'
import { blocks, read } from './markdown.ts'

const page = 'docs/how-to/rotate.md'
let rotation: Rotation
beforeAll(async () => {
  rotation = await openRotation()
})
afterAll(() => rotation?.close())

interface Manifest {
  kind: string
  metadata: { namespace?: string }
  rules?: Rule[]
  // biome-ignore lint/suspicious/noExplicitAny: only the CronJob has a spec
  spec?: any
}

const manifests = (): Manifest[] => {
  const block = blocks(read(page)).find(({ text }) => text.includes('kind: CronJob'))
  return parseAllDocuments(block?.text ?? '').map((document) => document.toJS())
}

test('the CronJob that looks at the token needs no more than its own Roles give', async () => {
  const { api, folder } = rotation.sandbox
  const roles = manifests().filter(({ kind }) => kind === 'Role' || kind === 'ClusterRole')
  const rules = roles.flatMap(({ metadata: { namespace }, rules = [] }) =>
    rules.map((rule) => ({ ...rule, ...(namespace !== undefined && { namespaces: [namespace] }) })),
  )
  api.allow('connect-token-check', rules)
  const kubeconfig = join(folder, 'check.kubeconfig')
  await writeFile(kubeconfig, api.kubeconfig('connect-token-check'), { mode: 0o600 })
  const [container] = manifests().find(({ kind }) => kind === 'CronJob')?.spec.jobTemplate.spec.template.spec.containers ?? []
  const [npx, yes, program, ...words] = container.command
  expect([npx, yes, program]).toEqual(['npx', '--yes', 'eso-bootstrap'])

  const check = (within: string) => {
    const said = words.map((word: string) => (word === '14d' ? within : word))
    return rotation.command([...said, '--kubeconfig', kubeconfig], { env: { ESO_BOOTSTRAP_TOKEN: '' } }).ended
  }
  rotation.requests()
  expect(await check('14d')).toMatchObject({ code: 0, stdout: expect.stringContaining('valid') })
  expect(await check('100d')).toMatchObject({ code: 10, stdout: expect.stringContaining('expires soon') })
  const asked = rotation.requests()
  expect(asked.filter((request) => !isRead(request))).toEqual([])
  const used = new Set(asked.map(({ verb, resource }) => `${verb} ${resource}`).filter((each) => !each.endsWith(' ')))
  expect([...used].sort()).toEqual(['get secrets', 'list clustersecretstores', 'list secretstores'])
})
