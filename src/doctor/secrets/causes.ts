import { knownCause } from '../../status/evidence.ts'
import type { Finding, NotSeen } from '../check.ts'
import { shared } from '../shared.ts'
import type { DoctorWorld } from '../world.ts'
import { type Waiting, waitingOnes } from './waiting.ts'
import { type Worst, worst } from './worst.ts'

/** What is told of those that wait, each by one check. */
export interface Causes {
  /** Nobody else's. */
  ready: Finding[]
  item: Finding[]
  items: Finding[]
  field: Finding[]
  unseen: NotSeen[]
}

const list = 'kubectl get externalsecrets -A'
const kinds: Record<string, 'item' | 'items' | 'field'> = {
  'item-not-found': 'item',
  'item-ambiguous': 'items',
  'field-not-found': 'field',
  'file-not-found': 'field',
}

/** Why ExternalSecrets fail, told apart by what is said of them. Throws what `waitingOnes` throws. */
export const causes = shared(async (world: DoctorWorld): Promise<Causes> => {
  const { waiting, unseen } = await waitingOnes(world)
  const told = {
    ready: worst({ name: 'ExternalSecrets', why: 'They are not synchronised either.', fix: list }),
    item: worst({ name: 'ExternalSecrets', why: 'Their items are not found either.', fix: list }),
    items: worst({ name: 'ExternalSecrets', why: 'The titles of their items are there more than once, too.', fix: list }),
    field: worst({ name: 'ExternalSecrets', why: 'Their fields are not found either.', fix: list }),
    later: worst({ name: 'ExternalSecrets', why: 'They wait, too.', fix: list, severity: 'warning' }),
  }
  for (const one of waiting) tell(one, told)
  const [item, items, field] = [told.item, told.items, told.field].map((each) => each.findings()) as [Finding[], Finding[], Finding[]]
  return { ready: [...told.ready.findings(), ...told.later.findings()], item, items, field, unseen }
})

function tell(one: Waiting, told: Record<'ready' | 'item' | 'items' | 'field' | 'later', Worst>): void {
  const { namespace, name, target } = one
  const about = `ExternalSecret ${namespace}/${name}`
  const describe = `kubectl describe externalsecret ${name} -n ${namespace}`
  if (one.is === 'target-missing') {
    const why = `It is Ready, but nothing is written: its creationPolicy is Merge, and there is no Secret ${target} to merge into.`
    told.later.add(() => ({ about, why, fix: [`kubectl get secret ${target} -n ${namespace}`] }))
    return
  }
  if (one.is === 'not-looked-at') {
    told.later.add(() => ({ about, why: 'The operator has not looked at it since it was made.', fix: [describe] }))
    return
  }
  const cause = knownCause(one.says, { elsewhere: true })
  if (one.reads === 'others' && cause?.id !== 'store-not-there') return
  if (cause?.id === 'store-not-ready' && one.reads === 'ours') {
    // https://github.com/external-secrets/external-secrets/issues/2035
    const why = 'It failed while its store was not Ready, which it is now. The operator tries again within seven minutes.'
    const fix = [`kubectl annotate externalsecret ${name} -n ${namespace} force-sync=$(date +%s) --overwrite`]
    told.later.add(() => ({ about, why, fix }))
    return
  }
  if (cause !== undefined) {
    told[kinds[cause.id] ?? 'ready'].add(() => ({ about, why: `${cause.what} ${cause.why}`, fix: cause.fix }))
    return
  }
  const [said] = one.says
  told.ready.add(() => ({ about, why: said ?? 'It fails, and does not say why.', fix: [describe] }))
}
