import { describe } from 'vitest'
import { seedTree } from '../../sandbox/tree.ts'
import { refusesIn } from './refusals.ts'

const base = 'infrastructure/base/external-secrets'
const exit = 'blocked'

/** The usual tree with nothing in it that installs the operator. */
function withoutOperator(): Record<string, string> {
  const cluster = 'clusters/sandbox/external-secrets.yaml'
  const files = Object.entries(seedTree()).filter(([path]) => !path.includes('/operator/'))
  const [, stores = ''] = (seedTree()[cluster] ?? '').split('---\n')
  return { ...Object.fromEntries(files), [cluster]: stores.replace(/ {2}dependsOn:\n.*\n/, '') }
}

describe('a cluster without Flux', () => {
  refusesIn({ scenario: 'flux-absent' }, [
    {
      wrong: 'a folder that is there',
      with: () => ({ flags: { path: base } }),
      exit,
      id: 'flux-absent',
      what: 'Flux is not installed on this cluster.',
      why: 'Flux applies what this program commits; without it nothing would happen.',
      fix: 'flux bootstrap …',
    },
    {
      wrong: 'no folder yet',
      with: () => ({ flags: { scaffold: true, path: 'new/external-secrets' } }),
      exit,
      id: 'flux-absent',
      what: 'Flux is not installed on this cluster.',
      fix: 'flux bootstrap …',
    },
  ])
})

describe('a cluster without the operator', () => {
  refusesIn({ files: withoutOperator() }, [
    {
      wrong: 'nothing that would install it',
      exit,
      id: 'operator-missing',
      what: 'External Secrets Operator is neither on this cluster nor in anything that Flux builds.',
      fix: `Add its HelmRelease below ${base}`,
    },
  ])
})

describe('a layout that can never be applied', () => {
  refusesIn({ scenario: 'dead-lock' }, [
    {
      wrong: 'operator and stores in one Flux Kustomization',
      exit,
      id: 'dead-lock',
      what: "The Flux Kustomization flux-system/external-secrets holds the operator and the stores, and the stores' CRD is not on this cluster yet.",
      why: 'Flux tries all of it before it applies any of it, so the stores keep the operator from being installed, for ever.',
      fix: 'Comment the stores out of the kustomization',
    },
  ])
})
