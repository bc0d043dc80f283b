import type { Exit } from '../failure.ts'
import { newToken } from './obtain.ts'

/** What is known of the set-up, so that a fix can be pasted. */
export interface Setting {
  server?: string
  vaults?: readonly string[]
  /** The command that is run, where it isn't `init`. */
  command?: string
  /** What every cause ends with, where that isn't the cause's own. */
  exit?: Exit
  /** Also what would show better in another object: that the store of an ExternalSecret is not Ready. */
  elsewhere?: true
}

/** What only `init` takes: a rotation finds its vaults and items in the cluster. */
export function forInit({ command = 'init' }: Setting, flags: string): string[] {
  return command === 'init' ? [`eso-bootstrap init ${flags}`] : []
}

export function withItem(setting: Setting, item: string): string[] {
  return setting.command === 'verify' ? [`eso-bootstrap verify --item ${item}`] : forInit(setting, `--verify-item ${item}`)
}

/** A new token for the Connect server, and how it gets into the cluster. */
export function replaceToken(setting: Setting): string[] {
  return [...newToken(setting.server, setting.vaults), putToken(setting)]
}

function putToken({ command = 'init' }: Setting): string {
  if (command === 'init') return 'eso-bootstrap init --token <source> --replace'
  return `eso-bootstrap ${command === 'verify' ? 'rotate-token' : command} --token <source>`
}
