import type { Step } from '../../engine/step.ts'
import { clearAnnotations } from '../secret-write.ts'
import { isRotating } from './rotating.ts'
import type { RotationWorld } from './world.ts'

/** The new token is the one that counts: nothing goes back behind it any more. */
export const settled: Step<RotationWorld> = {
  id: 'settled',
  title: 'the Secret no longer says that its token is unproven',
  async look(world, earlier) {
    const { namespace, name } = (await world.bridge()).secret
    const what = `Secret ${namespace}/${name}`
    if (!(await isRotating(world, earlier))) return { is: 'already', says: `${what} holds a proven token` }
    const { unprovenAfter } = await world.held()
    return {
      is: 'pending',
      says: `mark ${what} as proven`,
      changes:
        unprovenAfter === undefined ? [] : [{ action: 'update', what, note: 'when it is proven: without the mark of the earlier run' }],
      needs: [{ verb: 'patch', group: '', resource: 'secrets', namespace, name }],
      async makeItSo() {
        await clearAnnotations(await world.cluster(), (await world.bridge()).secret)
        return { says: `${what} holds a proven token`, visible: true }
      },
    }
  },
}
