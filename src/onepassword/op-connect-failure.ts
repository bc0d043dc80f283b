import type { Child } from '../child.ts'
import { Failure, type FailureText } from '../failure.ts'
import { signedOut } from './op-failure.ts'
import { commandOf, opWords } from './op-words.ts'

/** What op was asked, for telling how it ended. Its texts are safe to show. */
export interface Asked {
  /** As in: op could not … */
  does: string
  words: readonly string[]
  server?: string
  vaults?: readonly string[]
  /** Shows what there is now, where it isn't known whether op did it. */
  look: string
}

interface Known extends Omit<FailureText, 'what' | 'fix'> {
  says: RegExp
  what: (asked: Asked) => string
  fix: (asked: Asked) => string[]
}

const whoMay = (vaults: readonly string[]) => vaults.map((vault) => commandOf(['vault', 'user', 'list', vault]))

/**
 * What op says when it cannot, the telling words first; they are matched and never shown. 1Password documents none of them:
 * they come from https://github.com/1Password/connect/issues/59, https://github.com/ansible-collections/community.general/issues/9907
 * and what others have seen. Where nobody has, the pattern is wide.
 */
const known: readonly Known[] = [
  {
    id: 'op-vault-rights',
    exit: 'refused',
    says: /can'?t grant access to the vault|do not have the requested access/i,
    what: ({ does }) => `op could not ${does}: you have not all rights on the vault.`,
    why: 'Whoever lets a Connect server or a token into a vault needs every right on it that they give.',
    fix: ({ vaults = [] }) => [...whoMay(vaults), 'or in the browser: 1Password.com, Developer, the Connect server'],
  },
  {
    id: 'op-vault-built-in',
    exit: 'blocked',
    says: /Personal, Private,? or Employee vault/i,
    what: ({ does }) => `op could not ${does}: it is a vault that no Connect server may read.`,
    why: '1Password keeps the built-in vaults (Personal, Private, Employee, Shared) from Connect.',
    fix: () => ['op vault create <vault>', 'op item move <item> --current-vault <built-in-vault> --destination-vault <vault>'],
  },
  {
    id: 'op-vault-not-granted',
    exit: 'blocked',
    says: /(server|integration)\b[^.]*(\b(no|not|without)\b|n't)[^.]*\baccess\b[^.]*\bvault|\bvault\b[^.]*(\bnot\b|n't)[^.]*\b(granted|accessible|available)\b/i,
    what: ({ does }) => `op could not ${does}: the Connect server may not read a vault that the token is for.`,
    why: 'A token can be given no vault that its server has not.',
    fix: ({ server = '<server>', vaults = [] }) => vaults.map((vault) => commandOf(opWords.grant(server, vault))),
  },
  {
    id: 'op-no-server',
    exit: 'blocked',
    says: /(isn'?t|not) an? ([\w-]+ )?(server|integration)\b|(find|found|no such|no|unknown) (any |an? |the )?(connect )?(server|integration)\b|\b(server|integration)\b[^.]*\b(not found|does(n't| not) exist)/i,
    what: ({ does }) => `op could not ${does}: 1Password knows no such Connect server, or you may not see it.`,
    why: 'The account that op is signed in to may be another one, or the server was deleted.',
    fix: () => ['op connect server list', 'op account list'],
  },
  {
    id: 'op-no-token',
    exit: 'blocked',
    says: /(isn'?t|not) an? ([\w-]+ )?token\b|(find|found|no such|no|unknown) (any |an? |the )?(connect )?token\b|\btoken\b[^.]*\b(not found|does(n't| not) exist)/i,
    what: ({ does }) => `op could not ${does}: 1Password knows no such token.`,
    why: 'It was deleted before, or it is of another Connect server.',
    fix: ({ look }) => [look],
  },
  {
    id: 'op-no-vault',
    exit: 'blocked',
    says: /isn'?t a vault|(find|found|no such|no|unknown) (any |an? |the )?vault\b|\bvault\b[^.]*\b(not found|does(n't| not) exist)/i,
    what: ({ does }) => `op could not ${does}: 1Password knows no such vault, or you may not see it.`,
    why: 'op takes a title with a space for an id; the id of the vault is always understood.',
    fix: () => ['op vault list', 'op account list'],
  },
  {
    id: 'op-no-connect',
    exit: 'refused',
    says: /unknown command|not (supported|available|allowed) (for|with|by|when using) service accounts?|service accounts? (can(no|')t|do(es)?( not|n't))/i,
    what: ({ does }) => `This op cannot ${does}.`,
    why: 'Connect servers and tokens are made and deleted by a person: OP_SERVICE_ACCOUNT_TOKEN is set, or op is older than version 2.',
    fix: () => ['op --version', 'unset OP_SERVICE_ACCOUNT_TOKEN'],
  },
  {
    id: 'op-no-rights',
    exit: 'refused',
    says: /\(101\)|do(n't| not) have (the )?permission|\b403\b|forbidden|not (authorized|permitted|allowed)/i,
    what: ({ does }) => `1Password does not let you ${does}.`,
    why: 'Only members of a group that manages Secrets Automation may work with Connect servers; writing an item takes rights on the vault.',
    fix: ({ words, vaults = [] }) =>
      words[0] === 'item'
        ? whoMay(vaults)
        : ['Ask an owner of the account to let your group do it:', 'op connect group grant --group <group>'],
  },
  {
    id: 'op-signed-out',
    exit: 'refused',
    says: signedOut,
    what: ({ does }) => `op is not signed in to 1Password, so that it cannot ${does}.`,
    why: '1Password is locked, the approval was declined, or no account is set up for the command line.',
    fix: () => ['op signin'],
  },
]

/** The Failure for an op that ended badly. */
export function connectFailure({ code, stderr }: Child, asked: Asked): Failure {
  const found = known.find(({ says }) => says.test(stderr))
  if (found !== undefined) return new Failure({ ...found, what: found.what(asked), fix: found.fix(asked) })
  const { does, look } = asked
  return new Failure({
    id: 'op-failed',
    exit: 'blocked',
    what: `op could not ${does}; it ended with exit code ${code}.`,
    why: 'Its own words are not shown here, because they may hold a secret.',
    // The same command would print a token, or write credentials into the folder that the person is in.
    fix: [look],
  })
}

/** What running op threw, in words about op; an abort's reason comes back as it is. */
export function notAskedFailure(error: unknown, asked: Asked, deadline: number): unknown {
  if (!(error instanceof Failure)) return error
  const { does, look } = asked
  if (error.id === 'command-missing') {
    return new Failure({
      id: 'op-missing',
      exit: 'blocked',
      what: `Only the 1Password command line can ${does}, and there is no op on the PATH.`,
      fix: ['Install it: https://developer.1password.com/docs/cli/get-started'],
    })
  }
  if (error.id === 'command-deadline') {
    return new Failure({
      id: 'op-deadline',
      exit: 'blocked',
      what: `op did not ${does} within ${Math.round(deadline / 1000)} s.`,
      why: 'It was probably waiting for an approval in the 1Password app. Whether 1Password did it all the same is not known.',
      fix: [look, 'Unlock the 1Password app and run again; approve when it asks.'],
    })
  }
  return error
}
