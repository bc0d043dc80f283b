import { Failure } from '../../failure.ts'
import { parseCredentials } from '../../onepassword/credentials.ts'
import { type ClusterCheck, findingOf } from '../check.ts'
import { heldCredentials } from './credentials-of.ts'

const issues = 'https://github.com/1Password/connect/issues'

export const credentialsSecret: ClusterCheck = {
  id: 'credentials-secret',
  category: 'credentials',
  title: 'the Secret that Connect takes its credentials from is there, with that key',
  severity: 'error',
  needs: ['components-listed', 'namespace-exists'],
  page: {
    symptom: 'The pods of Connect stay in CreateContainerConfigError or ContainerCreating.',
    cause:
      'The Secret comes from no file: somebody has to create it. It is missing, in another namespace, or has another key than the Deployment names.',
    fix: 'eso-bootstrap init --credentials <file> creates it under the name and key that the Deployment reads.',
    sources: [
      'https://developer.1password.com/docs/connect/get-started/',
      'https://external-secrets.io/latest/provider/1password-automation/',
    ],
  },
  looksAt: 'cluster',
  async look(world) {
    return (await heldCredentials(world)).flatMap(({ says, place, exists, value }) => {
      if (value !== undefined) return []
      const why = exists
        ? `It has no key ${place.key}, which Connect reads.`
        : 'It does not exist, and Connect reads its credentials from it.'
      return [{ about: says, why, fix: ['eso-bootstrap init --credentials <file>'] }]
    })
  },
}

export const credentialsWhole: ClusterCheck = {
  id: 'credentials-whole',
  category: 'credentials',
  title: 'what Connect gets is the credentials file of a Connect server, whole',
  severity: 'error',
  needs: ['credentials-secret'],
  page: {
    symptom: 'Connect answers 500, and its log says that it failed to read or to unmarshal the credentials.',
    cause:
      'The Secret holds something else: what op connect server get prints, a token, a manifest, a part of the file, or an encrypted one.',
    fix: 'eso-bootstrap init --credentials <file> --replace with the file 1password-credentials.json as 1Password offered it. It can be downloaded only once: without it, make a new server.',
    sources: ['https://github.com/1Password/connect-helm-charts/issues/60', `${issues}/62`],
  },
  looksAt: 'cluster',
  async look(world) {
    return (await heldCredentials(world)).flatMap(({ says, value }) => {
      if (value === undefined) return []
      try {
        parseCredentials(value)
        return []
      } catch (error) {
        if (!(error instanceof Failure)) throw error
        return [{ ...findingOf(says, error), fix: ['eso-bootstrap init --credentials <file> --replace'] }]
      }
    })
  },
}
