import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect } from 'vitest'
import type { Rule } from '../../../src/sandbox/api/access.ts'
import { addItem, type Item, type NewItem } from '../../../src/sandbox/connect/account.ts'
import { kinds } from '../../../src/sandbox/kinds.ts'
import type { VerifyReport } from '../../../src/terminal/verify-report.ts'
import { findCanary } from '../../canary.ts'
import type { Flags } from '../init/stage.ts'
import { reader, schemaNamed } from '../reports.ts'
import { openRotation, type Rotation, words } from '../rotate/stage.ts'
import type { Ended, Running, RunOptions } from '../run.ts'

/** A sandbox that `init` has set up, with its two stores, and `verify` as it is called unattended. */
export interface Verifying extends Rotation {
  /** With the sandbox's item and its ClusterSecretStore, unless the flags say something else. */
  start(flags?: Flags, options?: RunOptions): Running
  verify(flags?: Flags, options?: RunOptions): Promise<Ended>
  /** The same with `-o json`: the document, which is valid, and holds no secret of the sandbox. */
  report(flags?: Flags, options?: RunOptions): Promise<VerifyReport>
  /** The item that is verified, as its owner changes it. */
  item: Item
  /** Another item beside it, from now on. */
  add(item: NewItem): Item
  /** What of a verification is in the cluster: names of ExternalSecrets and Secrets. */
  traces(): string[]
  /** Stands before Connect for those who come through a port-forward, and may change what it answers; gives how to end that. */
  between(change: (path: string, body: string) => string): Promise<() => void>
  /** The same as somebody who may do no more than this. */
  as(...rules: Rule[]): Promise<RunOptions>
}

const reportIn = reader<VerifyReport>(schemaNamed('verify'))

export async function openVerifying(): Promise<Verifying> {
  const rotation = await openRotation()
  const { api, account, folder, item, connect } = rotation.sandbox
  const usual: Flags = { item: `${item.title}/${item.field}`, store: 'onepassword', timeout: '20s' }
  const start = (flags: Flags = {}, options: RunOptions = {}) => rotation.command(['verify', ...words({ ...usual, ...flags })], options)
  const safe = (ended: Ended) => {
    const values = account.vaults.flatMap(({ items }) => items).flatMap(({ fields }) => fields.map(({ value }) => value))
    expect(
      findCanary(
        ended.stdout + ended.stderr,
        [...values, rotation.held() ?? '', api.token()].filter(({ length }) => length > 20),
      ),
    ).toEqual([])
    return ended
  }
  const verify = async (flags?: Flags, options?: RunOptions) => safe(await start(flags, options).ended)
  const vault = account.vaults.find(({ title }) => title === rotation.sandbox.vault)
  const found = vault?.items.find(({ title }) => title === item.title)
  if (vault === undefined || found === undefined) throw new Error('the sandbox has lost its item')
  const port = () => Number(new URL(connect().at(-1)?.url ?? '').port)
  return {
    ...rotation,
    ...{ start, verify, item: found, add: (more: NewItem) => addItem(vault, more) },
    async report(flags, options) {
      return reportIn(await verify({ output: 'json', ...flags }, options))
    },
    traces: () =>
      [kinds.externalSecret, kinds.secret]
        .flatMap((kind) => api.store.list(kind))
        .filter(({ metadata }) => metadata.name.startsWith('eso-bootstrap-proof-'))
        .map(({ kind, metadata }) => `${kind} ${metadata.namespace}/${metadata.name}`),
    async between(change) {
      const server = createServer(async (request, response) => {
        const headers = { authorization: request.headers.authorization ?? '' }
        const answer = await fetch(`http://127.0.0.1:${port()}${request.url}`, { headers })
        response.writeHead(answer.status).end(change(request.url ?? '', await answer.text()))
      })
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      api.setListening(() => (server.address() as AddressInfo).port)
      return () => {
        api.setListening(port)
        server.close()
      }
    },
    async as(...rules) {
      api.allow('somebody', rules)
      const KUBECONFIG = join(folder, 'somebody')
      await writeFile(KUBECONFIG, api.kubeconfig('somebody'), { mode: 0o600 })
      return { env: { KUBECONFIG } }
    },
  }
}
