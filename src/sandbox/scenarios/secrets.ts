import { addItem } from '../connect/account.ts'
import { putApplication, setUp } from './set-up.ts'
import type { Scenario } from './stage.ts'

/** What may be wrong with ExternalSecrets and what they read, where all else is well. */
export const secretScenarios: Record<string, Scenario> = {
  'item-missing': setUp('A second application reads an item that no vault has.', {
    after: (stage) => putApplication(stage, { name: 'other-app', key: 'other-app-credentials' }),
  }),
  'item-twice': setUp('A second application reads an item whose title two items have.', {
    account: ({ vaults: [vault] }) => {
      for (const value of ['one', 'two']) if (vault !== undefined) addItem(vault, { title: 'shared', fields: [['api-key', value]] })
    },
    after: (stage) => putApplication(stage, { name: 'other-app', key: 'shared' }),
  }),
  'field-twice': setUp('A second application reads a field whose label the item has twice.', {
    account: ({ vaults: [vault] }) => {
      const fields = [
        ['api-key', 'one'],
        ['api-key', 'two'],
      ] as const
      if (vault !== undefined) addItem(vault, { title: 'doubled', fields })
    },
    after: (stage) => putApplication(stage, { name: 'other-app', key: 'doubled' }),
  }),
}
