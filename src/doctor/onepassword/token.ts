import { Failure } from '../../failure.ts'
import { grouped } from '../../grouped.ts'
import { secrets } from '../../kubernetes/resources.ts'
import { hasLineBreak, parseToken, tokenIn } from '../../onepassword/token.ts'
import type { Secret } from '../../secret.ts'
import { knownStores, tokenOf } from '../../status/world.ts'
import { storedValue } from '../../steps/secret.ts'
import { type ClusterCheck, type Finding, findingOf } from '../check.ts'
import { shared } from '../shared.ts'
import type { DoctorWorld } from '../world.ts'
import { findingsOf, nameOfSecret, tokensTold } from './told.ts'

const manage = 'https://developer.1password.com/docs/connect/manage-connect/'
const replace = ['eso-bootstrap rotate-token --token <source>']

/** What stands under each key that a store takes its token from; those that aren't there are left out. */
const storedTokens = shared(async (world: DoctorWorld): Promise<{ says: string; value: Secret }[]> => {
  const groups = grouped(await knownStores(world.live), (store) => JSON.stringify(tokenOf(store)))
  const found = await Promise.all(
    groups.map(async ([first]) => {
      const place = tokenOf(first)
      const value = storedValue(await world.cluster.get(secrets, place.name, place.namespace, world.signal), place.key)
      return value === undefined ? [] : [{ says: nameOfSecret(place), value }]
    }),
  )
  return found.flat()
})

export const tokenSecret: ClusterCheck = {
  id: 'token-secret',
  category: 'token',
  title: 'the Secret that each store takes its token from is there, with that key',
  severity: 'error',
  needs: ['components-listed', 'namespace-exists'],
  page: {
    symptom: 'The store says: cannot get Kubernetes secret, or cannot find secret data for key.',
    cause:
      'The Secret comes from no file: somebody has to create it. It is missing, in another namespace, or has another key than connectTokenSecretRef names.',
    fix: 'eso-bootstrap init --token <source> creates it under the name and key that the stores read.',
    sources: ['https://external-secrets.io/latest/provider/1password-automation/'],
  },
  looksAt: 'cluster',
  look: async (world) => findingsOf(await tokensTold(world), 'token-secret-missing'),
}

export const tokenKind: ClusterCheck = {
  id: 'token-kind',
  category: 'token',
  title: 'each token is an access token of a Connect server, whole',
  severity: 'error',
  needs: ['token-secret'],
  page: {
    symptom: 'status 401: Invalid bearer token, for a token that nobody has ever revoked.',
    cause:
      'It is a service-account token (ops_…), the first of three parts (83 characters: a double click stops at the dot), the credentials file, or has quotes around it.',
    fix: 'Put the whole access token in: eso-bootstrap rotate-token --token <source>. It was shown once; if it is lost, make a new one with --mint.',
    sources: [
      'https://github.com/1Password/terraform-provider-onepassword/issues/24',
      'https://github.com/external-secrets/external-secrets/issues/4925',
      manage,
    ],
  },
  looksAt: 'cluster',
  async look(world) {
    return (await storedTokens(world)).flatMap(({ says, value }) => {
      if (tokenIn(value) !== undefined && isForConnect(value, world.now)) return []
      return [strangerIn(says, value, world.now)]
    })
  },
}

/** Its dates are for other checks. */
function isForConnect(value: Secret, now: Date): boolean {
  try {
    parseToken(value, now)
    return true
  } catch (error) {
    if (!(error instanceof Failure)) throw error
    return error.id === 'token-expired' || error.id === 'token-not-yet-valid'
  }
}

function strangerIn(says: string, value: Secret, now: Date): Finding {
  try {
    parseToken(value, now)
  } catch (error) {
    if (error instanceof Failure) return { ...findingOf(says, error), fix: replace }
    throw error
  }
  return { about: says, why: 'What it holds is no Connect token.', fix: replace }
}

export const tokenWhitespace: ClusterCheck = {
  id: 'token-whitespace',
  category: 'token',
  title: 'no token has a line break around it',
  severity: 'error',
  needs: ['token-secret'],
  page: {
    symptom: 'The store says: net/http: invalid header field value for "Authorization".',
    cause: 'The Secret was made from a file that ends with a line break, or with echo instead of printf. The operator sends what it finds.',
    fix: 'eso-bootstrap rotate-token --token <source> puts it in without.',
    sources: ['https://github.com/1Password/connect-sdk-go/issues/73'],
  },
  looksAt: 'cluster',
  async look(world) {
    return (await storedTokens(world)).flatMap(({ says, value }) => {
      if (tokenIn(value) === undefined || !hasLineBreak(value)) return []
      const why = 'There is a line break before or behind the token, and the operator sends it as it is: no request gets out.'
      return [{ about: says, why, fix: replace }]
    })
  },
}

export const tokenExpired: ClusterCheck = {
  id: 'token-expired',
  category: 'token',
  title: 'no token has expired',
  severity: 'error',
  needs: ['token-kind'],
  page: {
    symptom: 'status 401 since a certain day. The log of Connect says: validation failed, token is expired (exp).',
    cause: 'A token that was made with --expires-in ends by itself, and nothing renews it.',
    fix: 'eso-bootstrap rotate-token --mint makes a new one, tries it on Connect, and waits until ExternalSecrets synchronise with it.',
    sources: [manage, 'https://github.com/1Password/connect/issues/54'],
  },
  looksAt: 'cluster',
  look: async (world) => findingsOf(await tokensTold(world), 'token-expired'),
}

export const tokenExpiring: ClusterCheck = {
  id: 'token-expiring',
  category: 'token',
  title: 'each token is valid for another thirty days',
  severity: 'warning',
  needs: ['token-kind'],
  page: {
    symptom: 'None yet.',
    cause: 'The token ends within thirty days; then every store that uses it fails at once.',
    fix: 'eso-bootstrap rotate-token --mint, now or from a CronJob.',
    sources: [manage],
  },
  looksAt: 'cluster',
  look: async (world) => findingsOf(await tokensTold(world), 'token-expiring'),
}
