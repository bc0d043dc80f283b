import type { Check } from '../../../src/doctor/check.ts'
import { checks } from '../../../src/doctor/checks.ts'

const ids = [
  ...['api-server', 'lock-free', 'flux-installed', 'flux-suspended', 'flux-sources', 'flux-branch', 'flux-revision', 'flux-ready'],
  ...['namespace-exists', 'namespace-kept', 'operator-runs', 'crds-served', 'crds-current', 'helm-releases', 'webhook-answers'],
  'secret-owners',
]

/** What src/doctor/cluster looks at, in the order in which it is looked at. */
export const clusterChecks: readonly Check[] = checks.filter(({ id }) => ids.includes(id))
