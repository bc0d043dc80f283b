import { clusterScenarios } from './scenarios/cluster.ts'
import { credentialsScenarios } from './scenarios/credentials.ts'
import { gitScenarios } from './scenarios/git.ts'
import { layoutScenarios } from './scenarios/layout.ts'
import { onepasswordScenarios } from './scenarios/onepassword.ts'
import { runningScenarios } from './scenarios/running.ts'
import { secretScenarios } from './scenarios/secrets.ts'
import { setUpScenarios } from './scenarios/set-up.ts'
import type { Scenario } from './scenarios/stage.ts'
import { storeScenarios } from './scenarios/stores.ts'
import { tokenScenarios } from './scenarios/token.ts'

/** The states that the sandbox can start in, by name: what `demo --list-scenarios` prints. */
export const scenarios: Readonly<Record<string, Scenario>> = {
  healthy: { says: 'Nothing but Flux, and everything else that init needs is at hand.' },
  ...clusterScenarios,
  ...gitScenarios,
  ...onepasswordScenarios,
  ...setUpScenarios,
  ...credentialsScenarios,
  ...tokenScenarios,
  ...storeScenarios,
  ...layoutScenarios,
  ...secretScenarios,
  ...runningScenarios,
}

/** Throws an Error for a name that isn't in the table. */
export function scenarioNamed(name: string): Scenario {
  const found = Object.hasOwn(scenarios, name) ? scenarios[name] : undefined
  if (!found) throw new Error(`the sandbox has no scenario ${name}`)
  return found
}
