import { Failure } from '../../failure.ts'
import { isOperatorPart } from '../../status/operator.ts'
import { workloadOf } from '../../status/workload.ts'
import { shared } from '../shared.ts'
import type { FilesWorld } from '../world.ts'
import { folderOf } from './folder-of.ts'

/** The version of External Secrets Operator that runs, or else the one that the files pin, which may be a range. Undefined where neither tells. */
export const operatorVersion = shared(async (world: FilesWorld): Promise<string | undefined> => {
  const running = await world.live?.deployments().catch(none)
  const version = running?.filter(isOperatorPart).flatMap((each) => workloadOf(each).version ?? [])[0]
  return version ?? (await folderOf(world).catch(none))?.operator?.version
})

function none(error: unknown): undefined {
  if (!(error instanceof Failure)) throw error
}
