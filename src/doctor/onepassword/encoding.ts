import { Failure } from '../../failure.ts'
import { deployments, secrets } from '../../kubernetes/resources.ts'
import { parseCredentials } from '../../onepassword/credentials.ts'
import { type Consumer, type Encoding, encodeCredentials, sameCredentials } from '../../onepassword/encoding.ts'
import { restartDeployment } from '../../steps/restart.ts'
import { writeSecret } from '../../steps/secret-write.ts'
import { type ClusterCheck, type Finding, findingOf, type Repair } from '../check.ts'
import type { DoctorWorld } from '../world.ts'
import { type HeldCredentials, heldCredentials } from './credentials-of.ts'

export const credentialsEncoding: ClusterCheck = {
  id: 'credentials-encoding',
  category: 'credentials',
  title: 'the credentials are encoded as Connect reads them',
  severity: 'error',
  needs: ['credentials-whole'],
  page: {
    symptom:
      'Connect runs and answers 500. Its log says: credentialsDataFromBase64, illegal base64 data; or: failed to Unmarshal credentials file data into map, invalid character.',
    cause:
      'OP_SESSION from a secretKeyRef has to be base64 text of the JSON, so that .data is base64 twice. Mounted as a file it has to be the JSON itself. Base64 with line breaks is read by neither.',
    fix: 'eso-bootstrap doctor --fix puts the same credentials in again in the encoding that the Deployment wants, and restarts Connect: a running pod never sees a new value.',
    sources: [
      'https://developer.1password.com/docs/connect/server-configuration/',
      'https://github.com/1Password/connect/issues/62',
      'https://github.com/1Password/connect-helm-charts/issues/272',
    ],
  },
  looksAt: 'cluster',
  async look(world) {
    const all = await heldCredentials(world).catch(disagreement)
    if (!Array.isArray(all)) return [all]
    return all.flatMap((held) => {
      const { value, consumer } = held
      if (value === undefined || consumer === undefined) return []
      const credentials = parseCredentials(value)
      const { encoding, readableBy } = sameCredentials(value, credentials)
      return readableBy === consumer ? [] : [tell(world, held, { consumer, encoding })]
    })
  },
}

/** Two containers that want different things can't both be served. */
function disagreement(error: unknown): Finding {
  if (!(error instanceof Failure && /-disagree$/.test(error.id))) throw error
  return findingOf('1Password Connect', error)
}

function tell(world: DoctorWorld, held: HeldCredentials, how: { consumer: Consumer; encoding: Encoding }): Finding {
  const wants = how.consumer === 'environment' ? 'base64 text on one line' : 'the JSON itself'
  const holds = {
    json: 'the JSON itself',
    base64: how.consumer === 'environment' ? 'base64 with line breaks or blanks' : 'base64 text',
    'double-base64': 'base64 of base64',
    unknown: 'something that can be read in no way',
  }[how.encoding]
  return {
    about: held.says,
    why: `It holds ${holds}, and Connect wants ${wants}${held.because === undefined ? '' : `: ${held.because}`}.`,
    fix: ['eso-bootstrap init --credentials <file> --replace   (and restart Connect)'],
    ...(held.isOurs && { repair: reencode(world, held, how.consumer) }),
  }
}

function reencode({ cluster, now }: DoctorWorld, { says, place, value, deployment }: HeldCredentials, consumer: Consumer): Repair {
  const { namespace, name } = place
  return {
    says: `put the same credentials into ${says} again, encoded as Connect reads them${deployment === undefined ? '' : `, and restart Deployment ${deployment.namespace}/${deployment.name}`}`,
    needs: [
      ...(['get', 'patch'] as const).map((verb) => ({ verb, group: '', resource: secrets.plural, namespace, name })),
      ...(deployment === undefined
        ? []
        : [
            {
              verb: 'patch' as const,
              group: deployments.group,
              resource: deployments.plural,
              namespace: deployment.namespace,
              name: deployment.name,
            },
          ]),
    ],
    async make() {
      if (value === undefined) throw new Error('there is nothing to encode')
      const looked = await cluster.get(secrets, name, namespace)
      // It is the same secret in other letters: whoever owned the field wanted Connect to read it.
      const { says: written, undo } = await writeSecret(cluster, looked, place, encodeCredentials(parseCredentials(value), consumer), true)
      if (deployment !== undefined) {
        await restartDeployment(cluster, { ...deployment, now }).catch(async (error) => {
          await undo?.()
          throw error
        })
      }
      return `${written}${deployment === undefined ? '' : `, Deployment ${deployment.namespace}/${deployment.name} restarts`}`
    },
  }
}
