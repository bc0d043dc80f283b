import type { Check } from './check.ts'
import { folderReadable } from './files/folder.ts'

/** All checks, causes before what they cause: in this order findings of the same severity are told. */
export const checks: readonly Check[] = [folderReadable]
