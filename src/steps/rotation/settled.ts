import type { Step } from '../../engine/step.ts'
import { sameCredentials } from '../../onepassword/encoding.ts'
import type { Secret } from '../../secret.ts'
import { clearAnnotation } from '../secret-write.ts'
import { isRotating, isUnproven } from './rotating.ts'
import { mark, type RotationWorld } from './world.ts'

/** The new token is the one that counts: nothing goes back behind it any more. */
export const settled: Step<RotationWorld> = {
  id: 'settled',
  title: 'the Secret no longer says that its token is unproven',
  async look(world, earlier) {
    const { secret } = await world.bridge()
    const { namespace, name } = secret
    const what = `Secret ${namespace}/${name}`
    if (!(await isRotating(world, earlier))) return { is: 'already', says: `${what} holds a proven token` }
    const isOfEarlier = await isUnproven(world)
    return {
      is: 'pending',
      says: `mark ${what} as proven`,
      changes: isOfEarlier ? [{ action: 'update', what, note: 'when it is proven: without the mark of the earlier run' }] : [],
      needs: [secret, ...(await credentialsOf(world))].map((each) => ({
        ...{ verb: 'patch', group: '', resource: 'secrets' },
        ...{ namespace: each.namespace, name: each.name },
      })),
      async makeItSo() {
        const [cluster, token, given] = await Promise.all([world.cluster(), world.token(), world.credentials()])
        // The token's at last: after an end in between all is proven anew.
        for (const place of await credentialsOf(world)) {
          const isNew = (stored: Secret) => given !== undefined && sameCredentials(stored, given).same
          await clearAnnotation(cluster, place, { annotation: mark, isNew })
        }
        await clearAnnotation(cluster, secret, { annotation: mark, isNew: (stored) => token?.value.equals(stored) === true })
        return { says: `${what} holds a proven token`, visible: true }
      },
    }
  },
}

/** The Secret that bears the same mark, where Connect's credentials are replaced as well. */
async function credentialsOf(world: RotationWorld): Promise<{ namespace: string; name: string; key: string }[]> {
  const { connect, namespace } = world.command === 'rotate-credentials' ? await world.folder() : {}
  return connect === undefined ? [] : [{ namespace: connect.namespace ?? namespace ?? '', ...connect.credentials }]
}
