import type { DoctorInputs } from '../doctor-inputs.ts'
import { Failure } from '../failure.ts'
import { checkAccess } from '../steps/access.ts'
import { type RepairRecord, type Told, told } from '../terminal/doctor-report.ts'
import { canAsk } from '../terminal/io.ts'
import type { DoctorRun, Looked } from './examination.ts'

/** Mends what the findings offer to mend, each after a yes, and looks again. Gives the exit code. */
export async function repairs(inputs: DoctorInputs, look: () => Promise<Looked>, { io, view, signal }: DoctorRun): Promise<number> {
  const asks = canAsk(io) && inputs.output === 'human' && !inputs.yes
  if (!asks && !inputs.yes) throw nobodyToAsk()
  const before = await look()
  const records: RepairRecord[] = []
  try {
    const findings = told(before.examination)
    const held = findings.find(({ check }) => check.id === 'lock-free')
    if (held !== undefined) throw new Failure({ id: 'busy', exit: 'busy', what: held.why, fix: [...held.fix] })
    const offered = distinct(findings)
    if (offered.length === 0) return view.shown(before.examination, inputs, [])
    const access = async (needs: Repairable['repair']['needs']) => {
      const { cluster } = before
      if (cluster !== undefined) await checkAccess({ cluster: async () => cluster }, needs)
    }
    const confirmed = async () => {
      if (!asks) return true
      const { confirmPlan } = await import('../terminal/confirm.ts')
      return confirmPlan('Do this?', io, signal)
    }
    for (const { check, about, repair } of offered) {
      const { says, diff, needs, make } = repair
      const record = { check: check.id, about, says }
      view.proposed({ about, says, ...(diff !== undefined && { diff }) })
      if (!(await confirmed())) records.push({ ...record, is: 'declined' })
      else {
        // What is begun is ended, so that it is known what was done.
        const outcome = await access(needs)
          .then(() => make(signal))
          .then((text) => ({ is: 'done' as const, outcome: text }), failed)
        records.push({ ...record, ...outcome })
        view.repaired({ ...record, ...outcome })
        signal.throwIfAborted()
      }
    }
  } finally {
    await before.close()
  }
  const after = await look()
  await after.close()
  return view.shown(after.examination, inputs, records)
}

type Repairable = Told & { repair: NonNullable<Told['repair']> }

/** One repair may answer several findings. */
function distinct(findings: readonly Told[]): Repairable[] {
  const repairable = findings.filter((each): each is Repairable => each.repair !== undefined)
  return [...new Map(repairable.map((each) => [each.repair.says, each])).values()]
}

/** The next one is tried all the same: each stands for itself. Throws an interruption, and what isn't a Failure. */
function failed(error: unknown): { is: 'failed'; outcome: string } {
  if (!(error instanceof Failure) || error.exit === 'interrupted' || error.exit === 'terminated') throw error
  return { is: 'failed', outcome: [error.message, ...error.fix.map((each) => `→ ${each}`)].join(' ') }
}

function nobodyToAsk(): Failure {
  return new Failure({
    id: 'missing-input',
    exit: 'usage',
    what: 'Nobody can be asked here, and one thing is missing:',
    fix: '--yes (ESO_BOOTSTRAP_YES=true): mend without asking',
  })
}
