import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const launcher = fileURLToPath(new URL('../../../bin/eso-bootstrap.js', import.meta.url))

/** The launcher on this Node, which says that it is another one. */
function on(version: string) {
  const lie = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } })`
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', `data:text/javascript,${encodeURIComponent(lie)}`, launcher, 'init', '--vault', 'homelab'],
    { encoding: 'utf8', env: { PATH: process.env['PATH'] } },
  )
  return { status, stdout, stderr }
}

test.each(['12.22.12', '18.20.4', '20.18.3', '21.7.3', '22.12.0', '23.11.1'])(
  'Node %s is too old: exit 2, and it says which is needed',
  (version) => {
    expect(on(version)).toEqual({
      status: 2,
      stdout: '',
      stderr: `eso-bootstrap needs Node 20.19, 22.13, or 24 and newer; this is Node ${version}.\n`,
    })
  },
)

test('in a folder that is gone: exit 2, and it says so', () => {
  const { status, stderr } = spawnSync('sh', ['-c', `cd "$(mktemp -d)" && rmdir "$PWD" && exec '${process.execPath}' '${launcher}' init`], {
    encoding: 'utf8',
  })
  expect({ status, stderr }).toEqual({ status: 2, stderr: 'The folder that you are in does not exist any more: cd to one that does.\n' })
})

test.each(['20.19.0', '22.13.0', '24.0.0', '26.1.0'])('Node %s will do', (version) => {
  expect(on(version).stderr).not.toContain('needs Node')
})
