import disk from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { afterEach, expect, test } from 'vitest'
import type { KubernetesObject } from '../../../src/kubernetes/object.ts'
import { kinds } from '../../../src/sandbox/kinds.ts'
import { type Sandbox, startSandbox } from '../../../src/sandbox/sandbox.ts'
import { findCanary } from '../../canary.ts'
import { seedTree } from '../../sandbox/tree.ts'
import { run } from '../run.ts'
import { placeIn } from './place.ts'

const { open } = disk

/** From now on nothing can be written to certain files: the room is used up after the file was made, as on a real disk. */
function fill(path: RegExp): void {
  disk.open = async (file, ...rest) => {
    const handle = await open(file, ...rest)
    if (!path.test(String(file))) return handle
    handle.writeFile = () => Promise.reject(Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' }))
    return handle
  }
  syncBuiltinESMExports()
}

let sandbox: Sandbox
afterEach(async () => {
  disk.open = open
  syncBuiltinESMExports()
  await sandbox.close()
})

/** What the user's objects say, without what time and the server make of them. */
function cluster(): unknown {
  const bare = ({ metadata: { name, namespace, annotations, labels }, ...rest }: KubernetesObject) => ({
    name,
    namespace,
    annotations,
    labels,
    data: rest['data'],
  })
  const { store } = sandbox.api
  return [kinds.namespace, kinds.secret, { group: 'coordination.k8s.io', kind: 'Lease' }].map((kind) => store.list(kind).map(bare))
}

test.each([
  ['the first file', /secretstores\/\.eso-bootstrap-/, 'infrastructure/base/external-secrets/secretstores/onepassword-secretstore.yaml'],
  ['the second file', /external-secrets\/\.eso-bootstrap-/, 'infrastructure/base/external-secrets/kustomization.yaml'],
])('no room for %s: all that was done is taken back, and said', async (_, path, file) => {
  sandbox = await startSandbox({ files: seedTree(), env: process.env })
  const at = await placeIn(sandbox)
  const before = { cluster: cluster(), git: await at.git('status', '--porcelain'), head: await at.git('rev-parse', 'HEAD') }
  fill(path)
  const { code, json, stdout, stderr } = await run(at.commandLine({ flags: { output: 'json' } }), at.options({}))

  expect({ code, errors: json().errors }).toEqual({
    code: 3,
    errors: [
      {
        id: 'disk-full',
        what: `There is no room left on the disk to write ${file}.`,
        fix: [`Make room (df -h shows where), or have the quota raised; the disk is that of ${file}.`],
      },
    ],
  })
  const states = Object.fromEntries((json()['steps'] as { id: string; state: string }[]).map(({ id, state }) => [id, state]))
  expect(states).toMatchObject({ namespace: 'undone', credentials: 'undone', token: 'undone', publish: 'not-reached' })
  expect({ cluster: cluster(), git: await at.git('status', '--porcelain'), head: await at.git('rev-parse', 'HEAD') }).toEqual(before)
  expect(await at.git('ls-files', '--others')).toBe('')
  expect(findCanary(stdout + stderr, at.secrets())).toEqual([])
})
