import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { kinds } from '../../../src/sandbox/kinds.ts'
import { findCanary } from '../../canary.ts'
import { type OpStandIn, startOpStandIn } from '../../op-stand-in.ts'
import { secretValue } from '../../sandbox/bootstrap.ts'
import { reportIn } from './schema.ts'
import { idOf, openRotation, type Rotation } from './stage.ts'

const enter = '\r'
const down = '\u001b[B'

let rotation: Rotation
let op: OpStandIn
beforeAll(async () => {
  rotation = await openRotation()
  const { folder, account, access } = rotation.sandbox
  op = await startOpStandIn({ folder: join(folder, 'bin'), account, access })
})
afterAll(async () => {
  await op?.close()
  await rotation?.close()
})
afterEach(async () => {
  const { store } = rotation.sandbox.api
  store.remove(kinds.clusterSecretStore, undefined, 'apps')
  store.remove(kinds.externalSecret, 'default', 'of-apps')
  rotation.putExternalSecret('my-app')
  await rotation.sandbox.settled()
})

/** A run in a terminal, with an op on the PATH or without. */
function guided(words: readonly string[], { withOp = true } = {}) {
  // A spinner would need more of a terminal than this is.
  const env = { NO_COLOR: '1', PATH: withOp ? op.path : join(rotation.sandbox.folder, 'empty') }
  const running = rotation.command(words, { columns: 80, env })
  const screen = () => stripVTControlCharacters(running.screen())
  let seen = 0
  return {
    screen,
    ended: running.ended,
    type: running.type,
    /** Waits until this stands behind what was seen before. */
    async sees(text: string) {
      await vi
        .waitUntil(() => screen().includes(text, seen), { timeout: 10_000, interval: 5 })
        .catch(() => {
          throw new Error(`not seen: ${text}\n${screen().slice(seen).slice(-600)}`)
        })
      seen = screen().indexOf(text, seen) + text.length
    },
    async answers(prompt: string, text: string) {
      await this.sees(prompt)
      running.type(text)
    },
  }
}

/** The command that is printed at the end, as the words that a shell makes of it. */
function equivalent(screen: string): string[] {
  const [, command = ''] = screen.split('The same, unattended:')
  return command.replaceAll('\\\n', ' ').trim().split(/\s+/).slice(1)
}

describe('rotate-token in a terminal', () => {
  test('asks for the token, shows the plan, asks once, and prints the command that does the same', async () => {
    const token = await rotation.newToken()
    const terminal = guided(['rotate-token'], { withOp: false })
    await terminal.sees('cluster     sandbox')
    await terminal.answers('Connect access token:', token.path + enter)
    await terminal.sees('is used by')
    await terminal.sees('Connect accepts the new token')
    await terminal.sees('~ Secret external-secrets/onepassword-connect-token')
    await terminal.answers('Apply this change to sandbox?', `y${enter}`)
    expect(await terminal.ended).toMatchObject({ code: 0 })
    expect(rotation.held()).toBe(token.value)
    const text = terminal.screen()
    expect(text).toContain('✔ Rotated: values came through with the new token.')
    expect(text).toContain('op connect token delete')
    expect(equivalent(text)).toEqual(['rotate-token', '--yes', '--token', token.path])

    const again = await rotation.newToken()
    const words = equivalent(text).map((word) => (word === token.path ? again.path : word))
    expect(reportIn(await rotation.command([...words, '--output=json']).ended)).toMatchObject({ verdict: 'rotated' })
  })

  test('takes a token that is pasted, and shows it nowhere', async () => {
    const token = await rotation.newToken()
    const terminal = guided(['rotate-token'], { withOp: false })
    await terminal.answers('Connect access token:', token.value + enter)
    await terminal.answers('Apply this change to sandbox?', `y${enter}`)
    const { code, stdout, stderr } = await terminal.ended
    expect(code).toBe(0)
    expect(rotation.held()).toBe(token.value)
    expect(equivalent(terminal.screen())).toEqual(['rotate-token', '--yes', '--token', "'op://<vault>/<item>/<field>'"])
    expect(findCanary(stdout + stderr, [token.value])).toEqual([])
  })

  test('no is no', async () => {
    const [token, before] = [await rotation.newToken(), rotation.held()]
    rotation.writes()
    const terminal = guided(['rotate-token', `--token=${token.path}`])
    await terminal.answers('Apply this change to sandbox?', enter)
    expect(await terminal.ended).toMatchObject({ code: 130 })
    expect(terminal.screen()).toContain('Nothing was changed.')
    expect(rotation.writes()).toEqual([])
    expect(rotation.held()).toBe(before)
  })

  test('offers op, which makes one; deletes the old one after one more question', async () => {
    const old = idOf(rotation.held() ?? '')
    const terminal = guided(['rotate-token', '--revoke-old'])
    await terminal.sees('The new token has to be of the same Connect server.')
    await terminal.answers('New token:', enter)
    await terminal.sees('op connect token create')
    await terminal.answers('to sandbox?', `y${enter}`)
    await terminal.sees('holds a proven token')
    await terminal.sees(`- token ${old} in 1Password`)
    await terminal.answers('Delete the old one? It can not be had back.', `y${enter}`)
    expect(await terminal.ended).toMatchObject({ code: 0 })
    expect(rotation.sandbox.account.revoked.has(old)).toBe(true)
    expect(equivalent(terminal.screen())).toEqual(['rotate-token', '--yes', '--mint', '--revoke-old'])
  })

  test('the old one stays if the answer to that is no, and the command is printed', async () => {
    const old = idOf(rotation.held() ?? '')
    const terminal = guided(['rotate-token', '--revoke-old', '--mint'])
    await terminal.answers('to sandbox?', `y${enter}`)
    await terminal.answers('Delete the old one? It can not be had back.', `n${enter}`)
    expect(await terminal.ended).toMatchObject({ code: 0 })
    expect(rotation.sandbox.account.revoked.has(old)).toBe(false)
    expect(terminal.screen()).toContain(`→ op connect token delete ${old} --server`)
  })

  test('left by Ctrl-C at that question: the new one is in use, and the command is printed', async () => {
    const old = idOf(rotation.held() ?? '')
    const terminal = guided(['rotate-token', '--revoke-old', '--mint'])
    await terminal.answers('to sandbox?', `y${enter}`)
    await terminal.answers('Delete the old one? It can not be had back.', '\u0003')
    expect(await terminal.ended).toMatchObject({ code: 130 })
    expect(idOf(rotation.held() ?? '')).not.toBe(old)
    expect(rotation.sandbox.account.revoked.has(old)).toBe(false)
    expect(terminal.screen()).toContain('The new one is in use, and proven: only the old one was not deleted.')
    expect(terminal.screen()).toContain(`→ op connect token delete ${old} --server`)
  })

  test('says what is wrong with a token, and asks again', async () => {
    const terminal = guided(['rotate-token'], { withOp: false })
    await terminal.answers('Connect access token:', `swordfish${enter}`)
    await terminal.sees('This is not a Connect token.')
    terminal.type('\u0003')
    expect(await terminal.ended).toMatchObject({ code: 130 })
  })

  test('which Secret, where stores use several', async () => {
    const { store } = rotation.sandbox.api
    const found = store.get(kinds.clusterSecretStore, undefined, 'onepassword')
    const { onepassword } = found?.['spec'].provider ?? {}
    const at = { name: 'apps-token', namespace: 'external-secrets' }
    const data = { token: Buffer.from(rotation.held() ?? '').toString('base64') }
    const auth = { secretRef: { connectTokenSecretRef: { ...at, key: 'token' } } }
    store.put({ apiVersion: 'v1', kind: 'Secret', type: 'Opaque', metadata: at, data }, 'kubectl-create')
    const spec = { provider: { onepassword: { ...onepassword, auth } } }
    store.put({ apiVersion: found?.apiVersion ?? '', kind: 'ClusterSecretStore', metadata: { name: 'apps' }, spec }, 'a-person')
    rotation.putExternalSecret('of-apps', { secretStoreRef: { kind: 'ClusterSecretStore', name: 'apps' } })
    await rotation.sandbox.settled()

    const [token, before] = [await rotation.newToken(), rotation.held()]
    const terminal = guided(['rotate-token', `--token=${token.path}`, '--take-ownership'])
    await terminal.sees('The stores take their tokens from several Secrets; one is rotated at a time.')
    await terminal.sees('external-secrets/apps-token')
    await terminal.sees('external-secrets/onepassword-connect-token')
    await terminal.answers('used by ClusterSecretStore apps', enter)
    await terminal.answers('Apply this change to sandbox?', `y${enter}`)
    expect(await terminal.ended).toMatchObject({ code: 0 })
    expect(secretValue(rotation.sandbox, 'apps-token', 'token')).toBe(token.value)
    expect(rotation.held()).toBe(before)
    expect(terminal.screen().replace(/\s+/g, ' ')).toContain(
      'Secret external-secrets/onepassword-connect-token of ClusterSecretStore onepassword holds the same token and is not touched',
    )
    expect(equivalent(terminal.screen())).toEqual(['rotate-token', '--yes', '--store', 'apps', '--token', token.path, '--take-ownership'])
  })

  test('what proves it, where nothing reads from the stores', async () => {
    rotation.sandbox.api.store.remove(kinds.externalSecret, 'default', 'my-app')
    const token = await rotation.newToken()
    const terminal = guided(['rotate-token', `--token=${token.path}`])
    await terminal.answers('Proof:', `my-app-credentials/api-key${enter}`)
    await terminal.sees('read my-app-credentials/api-key with it')
    await terminal.answers('Apply this change to sandbox?', `y${enter}`)
    expect(await terminal.ended).toMatchObject({ code: 0 })
    expect(equivalent(terminal.screen()).slice(-2)).toEqual(['--verify-item', 'my-app-credentials/api-key'])
  })
})

describe('rotate-credentials in a terminal', () => {
  test('lets op make the pair', async () => {
    const terminal = guided(['rotate-credentials', '--all'])
    await terminal.sees('New credentials come with a new Connect server, and so does a new token.')
    await terminal.answers('New pair:', enter)
    await terminal.sees('op connect server create')
    await terminal.answers('Apply these 5 changes to sandbox?', `y${enter}`)
    expect(await terminal.ended).toMatchObject({ code: 0 })
    expect(idOf(rotation.held() ?? '')).toBe(op.servers.at(-1)?.tokens[0]?.id)
    expect(equivalent(terminal.screen())).toEqual(['rotate-credentials', '--yes', '--mint', '--all'])
  })

  test('asks for both where op is not wanted', async () => {
    const terminal = guided(['rotate-credentials'])
    await terminal.answers('New pair:', down + enter)
    await terminal.answers('Credentials file:', rotation.sandbox.credentialsPath + enter)
    await terminal.answers('Connect access token:', rotation.sandbox.newTokenPath + enter)
    await terminal.answers('Apply these 3 changes to sandbox?', `y${enter}`)
    expect(await terminal.ended).toMatchObject({ code: 0 })
    const { credentialsPath, newTokenPath } = rotation.sandbox
    expect(equivalent(terminal.screen())).toEqual([
      ...['rotate-credentials', '--yes', '--credentials', credentialsPath, '--token', newTokenPath],
    ])
  })
})
