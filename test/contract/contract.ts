import { describe } from 'vitest'
import { accessContract } from './access.ts'
import type { Open } from './api.ts'
import { applyContract } from './apply.ts'
import { definitionsContract } from './definitions.ts'
import { deletionContract } from './deletion.ts'
import { discoveryContract } from './discovery.ts'
import { leasesContract } from './leases.ts'
import { listsContract } from './lists.ts'
import { objectsContract } from './objects.ts'
import { patchesContract } from './patches.ts'
import { portForwardsContract } from './port-forwards.ts'
import { secretsContract } from './secrets.ts'
import { watchesContract } from './watches.ts'

/** What eso-bootstrap relies on in an API server. The same for the sandbox's and for a real one: where they differ, the sandbox is wrong. */
export function contract(open: Open): void {
  describe('discovery', () => discoveryContract(open))
  describe('objects', () => objectsContract(open))
  describe('secrets', () => secretsContract(open))
  describe('server-side apply', () => applyContract(open))
  describe('patches', () => patchesContract(open))
  describe('lists', () => listsContract(open))
  describe('watches', () => watchesContract(open))
  describe('deletion', () => deletionContract(open))
  describe('leases', () => leasesContract(open))
  describe('custom resource definitions', () => definitionsContract(open))
  describe('access', () => accessContract(open))
  describe('port-forwards', () => portForwardsContract(open))
}
