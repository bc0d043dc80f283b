import type { CommandName } from './options.ts'

/** Every command that works on a cluster, and what it is for: help and completion come from here. */
export const commandTable: Readonly<Record<CommandName, string>> = {
  init: 'set up External Secrets with 1Password Connect; asks for what is missing',
  'rotate-token': 'replace the Connect token, proven before the old one goes',
  'rotate-credentials': 'replace credentials and token, restart Connect, prove it',
  status: 'what is there, how it is, and what to do about it',
  doctor: 'what is wrong, why, and what to do about it',
  verify: 'prove that a value comes through, and how fast; leaves nothing',
  demo: 'all of it on an embedded sandbox: no cluster, no 1Password account',
}

export const shells = ['bash', 'zsh', 'fish'] as const
