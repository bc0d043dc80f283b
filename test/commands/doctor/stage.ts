import { onTestFinished } from 'vitest'
import type { DoctorReport } from '../../../src/terminal/doctor-report.ts'
import { openStage, type Stage } from '../init/stage.ts'
import { templates } from '../init/trees.ts'
import { reader, schemaNamed } from '../reports.ts'
import { type Ended, type Running, type RunOptions, start } from '../run.ts'
import { statusAt, withoutSecrets } from '../status/stage.ts'

const read = reader<DoctorReport>(schemaNamed('doctor', { strictRequired: true }))

/** `doctor` as it is called on one of the sandbox's states; whatever it says, no secret of the sandbox is in it. */
export interface DoctorAt extends Stage {
  open(flags?: readonly string[], options?: RunOptions): Running
  doctor(flags?: readonly string[], options?: RunOptions): Promise<Ended>
  /** With `-o json`, checked against the schema. */
  report(flags?: readonly string[], options?: RunOptions): Promise<DoctorReport>
  /** Ids of the checks that find something, advice left out. */
  found(flags?: readonly string[], options?: RunOptions): Promise<string[]>
  /** The path of a kubeconfig for a user who may do this and no more. */
  user: ReturnType<typeof statusAt>['user']
}

export async function openDoctor(scenario: string): Promise<DoctorAt> {
  const stage = await openStage({ scenario, files: await templates() })
  onTestFinished(() => stage.close())
  await stage.sandbox.settled()
  const { sandbox, env } = stage
  const open: DoctorAt['open'] = (flags = [], options = {}) =>
    start(['doctor', ...flags], { cwd: sandbox.repository, home: sandbox.folder, env, ...options })
  const doctor: DoctorAt['doctor'] = async (flags, options) => {
    const ended = await open(flags, options).ended
    withoutSecrets(stage, ended.stdout + ended.stderr)
    return ended
  }
  const report: DoctorAt['report'] = async (flags = [], options) => read(await doctor(['-o', 'json', ...flags], options))
  return {
    ...stage,
    ...{ open, doctor, report },
    found: async (flags, options) =>
      (await report(flags, options)).checks.flatMap(({ id, findings }) =>
        findings.some(({ severity }) => severity !== 'advice') ? [id] : [],
      ),
    user: statusAt(stage).user,
  }
}
