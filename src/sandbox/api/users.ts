import { randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { anonymous, type Rule, type User } from './access.ts'
import { failure } from './errors.ts'

export interface UserOptions {
  name: string
  /** Random, unless given. */
  token?: string
  groups?: string[]
  /** Everything, unless given. */
  rules?: Rule[]
}

/** The users of a server: `admin` may do anything, the others what their rules say. */
export function createUsers(options: UserOptions[]): Map<string, User> {
  const all: UserOptions[] = [{ name: 'admin', groups: ['system:masters'] }, ...options]
  return new Map(all.map((user) => [user.name, toUser(user)]))
}

function toUser({ name, token = randomBytes(24).toString('base64url'), groups = [], rules }: UserOptions): User {
  return { name, token, groups, admin: rules === undefined, rules: rules ?? [] }
}

/** The user of a bearer token; without one, the anonymous user. Throws 401 for a token that isn't known. */
export function authenticate(users: Map<string, User>, request: IncomingMessage): User {
  const header = request.headers.authorization
  if (!header) return anonymous
  const token = /^Bearer (.+)$/.exec(header)?.[1]
  const user = [...users.values()].find((each) => each.token === token)
  if (!user) throw failure(401, 'Unauthorized', 'Unauthorized')
  return user
}
