import { storeApiVersion } from '../../../src/doctor/files/api-version.ts'
import { connectHost } from '../../../src/doctor/files/connect-host.ts'
import { componentsListed, folderFound, folderReadable } from '../../../src/doctor/files/folder.ts'
import { healthChecksLive } from '../../../src/doctor/files/health-checks.ts'
import { itemIdSupported } from '../../../src/doctor/files/item-ids.ts'
import { operatorApart } from '../../../src/doctor/files/operator-apart.ts'
import { filesReached } from '../../../src/doctor/files/reached.ts'
import { noSecretInGit } from '../../../src/doctor/files/secrets-in-git.ts'
import { storeRace } from '../../../src/doctor/files/store-race.ts'
import { storeTokenNamespace } from '../../../src/doctor/files/store-token.ts'
import { storeVaults, vaultIdCase, vaultIdSupported } from '../../../src/doctor/files/vaults.ts'

export const fileChecks = [
  ...[folderFound, folderReadable, storeApiVersion, operatorApart, storeTokenNamespace, storeVaults, vaultIdCase, vaultIdSupported],
  ...[itemIdSupported, connectHost, storeRace, healthChecksLive, filesReached, componentsListed, noSecretInGit],
]
