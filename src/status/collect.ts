import { plain } from '../text/plain.ts'
import { type ConnectFacts, lookAtConnect } from './connect.ts'
import { type ExternalSecretFacts, lookAtExternalSecrets } from './external-secrets.ts'
import { type FluxFacts, lookAtFlux } from './flux.ts'
import { type Found, look, merged, type Problem, type Unseen } from './found.ts'
import { lookAtOperator, type OperatorFacts } from './operator.ts'
import { lookAtStores, type StoreFacts } from './stores.ts'
import { lookAtTokens, type TokenFacts } from './tokens.ts'
import type { StatusWorld } from './world.ts'

/** All that was seen at one moment. A section that is missing could not be looked at; `unseen` says why. */
export interface Status {
  at: Date
  cluster: { context: string; server: string; version?: string }
  /** Missing outside of a git repository. */
  repository?: { root: string; branch?: string }
  flux?: FluxFacts
  operator?: OperatorFacts
  connect?: ConnectFacts
  stores?: StoreFacts[]
  tokens?: TokenFacts[]
  externalSecrets?: ExternalSecretFacts
  /** What is broken comes last. */
  problems: Problem[]
  unseen: Unseen[]
}

/** Looks at everything side by side. Throws the signal's reason; what can't be read stands in the result. */
export async function collect(world: StatusWorld): Promise<Status> {
  const [version, repository, flux, operator, connect, stores, tokens, externalSecrets] = await Promise.all([
    look('cluster', async () => ({ facts: plain(await world.cluster.version(world.signal), 40) })),
    look('repository', () => lookAtRepository(world)),
    look('flux', () => lookAtFlux(world)),
    look('operator', () => lookAtOperator(world)),
    look('connect', () => lookAtConnect(world)),
    look('stores', () => lookAtStores(world)),
    look('tokens', () => lookAtTokens(world)),
    look('externalSecrets', () => lookAtExternalSecrets(world)),
  ])
  world.signal.throwIfAborted()
  const all: Found<unknown>[] = [version, repository, flux, operator, connect, stores, tokens, externalSecrets]
  const status: Status = {
    at: world.now,
    cluster: {
      ...{ context: plain(world.cluster.context), server: plain(world.cluster.server) },
      ...(version.facts !== undefined && { version: version.facts.replace(/^v/, '') }),
    },
    ...known('repository', repository),
    ...known('flux', flux),
    ...known('operator', operator),
    ...known('connect', connect),
    ...known('stores', stores),
    ...known('tokens', tokens),
    ...known('externalSecrets', externalSecrets),
    problems: [],
    unseen: distinct(all.flatMap((each) => each.unseen ?? [])),
  }
  status.problems = behindStores(merged([...missing(status), ...all.flatMap((each) => each.problems ?? [])]))
  return status
}

async function lookAtRepository(world: StatusWorld): Promise<Found<NonNullable<Status['repository']>>> {
  const repository = await world.repository()
  if (repository === undefined) return {}
  const branch = await repository.branch()
  return { facts: { root: repository.root, ...(branch !== undefined && { branch }) } }
}

function known<K extends string, T>(name: K, { facts }: Found<T>): { [key in K]?: T } {
  return (facts === undefined ? {} : { [name]: facts }) as { [key in K]?: T }
}

/** An ExternalSecret whose store isn't Ready suffers from what the store suffers from. */
function behindStores(problems: readonly Problem[]): Problem[] {
  const store = problems.find(({ severity, about }) => severity === 'broken' && about.some((each) => /^(Cluster)?SecretStore /.test(each)))
  if (store === undefined) return [...problems]
  const waiting = problems.filter(({ id }) => id === 'store-not-ready')
  store.about.push(...waiting.flatMap(({ about }) => about))
  return problems.filter((each) => !waiting.includes(each))
}

function distinct(all: readonly Unseen[]): Unseen[] {
  return [...new Map(all.map((each) => [`${each.section} ${each.why}`, each])).values()]
}

/** What should be here and isn't; of a part that could not be looked at nothing is said. */
function missing({ flux, operator, connect, stores }: Status): Problem[] {
  if (operator === undefined) return []
  const tell = (id: string, about: string, why: string, fix: string): Problem => ({
    id,
    severity: 'broken',
    about: [about],
    why,
    fix: [fix],
  })
  const isServed = operator.served.length > 0
  const operatorless = operator.workloads.length === 0
  if (!isServed && operatorless) {
    if (flux?.installed === false)
      return [tell('flux-absent', 'Flux', 'Neither Flux nor External Secrets Operator is installed here.', 'flux bootstrap …')]
    return [tell('operator-missing', 'External Secrets Operator', 'It is not installed here.', 'eso-bootstrap init')]
  }
  const problems: Problem[] = []
  if (!isServed)
    problems.push(tell('crds-missing', 'External Secrets Operator', 'Its CRDs are not on this cluster.', 'eso-bootstrap init --dry-run'))
  // It may run in a way that isn't known here: stores that are Ready prove that it does.
  if (operatorless && stores?.every(({ ready }) => !ready))
    problems.push(
      tell('operator-missing', 'External Secrets Operator', 'Its API is served, but no Deployment runs it.', 'eso-bootstrap init'),
    )
  if (isServed && stores?.length === 0)
    problems.push(tell('no-store', 'the stores', 'None in this cluster reads 1Password through Connect.', 'eso-bootstrap init'))
  const isNeeded = stores?.some(({ ready }) => !ready) && connect?.workloads.length === 0 && connect.elsewhere.length === 0
  if (isNeeded) problems.push(tell('connect-missing', '1Password Connect', 'No Deployment here runs it.', 'eso-bootstrap init'))
  return problems
}
