import { Failure } from '../failure.ts'
import type { Inputs } from '../inputs.ts'
import { environmentName, type Option, optionsOf } from '../options.ts'
import type { RotationInputs } from '../rotation-inputs.ts'
import type { VerifyInputs } from '../verify-inputs.ts'

/** Throws a Failure that names, at once, all that must be given when nobody can be asked. */
export function requireInputs(inputs: Inputs): void {
  const lacking = optionsOf('init').filter((option) => option.required !== undefined && isMissing(option, inputs))
  refuse(lacking, inputs)
}

/** The same for a verification, which needs no consent. */
export function requireItem(inputs: VerifyInputs): void {
  const lacking = optionsOf('verify').filter(({ required }) => required !== undefined && inputs.item === undefined)
  refuse(lacking, { yes: true, dryRun: false })
}

/** The same for a rotation. */
export function requireRotation(inputs: RotationInputs): void {
  if (inputs.check) return
  const isNeeded = ({ flag, required }: Option) =>
    required !== undefined && !inputs.mint && inputs[flag as 'credentials' | 'token'] === undefined
  refuse(optionsOf(inputs.command).filter(isNeeded), inputs)
}

function refuse(lacking: readonly Option[], { yes, dryRun }: { yes: boolean; dryRun: boolean }): void {
  const consent = yes || dryRun ? [] : ['--yes (ESO_BOOTSTRAP_YES=true): apply the plan without asking']
  const lines = [...lacking.map(line), ...consent]
  if (lines.length === 0) return
  throw new Failure({
    id: 'missing-input',
    exit: 'usage',
    what: `Nobody can be asked here, and ${lines.length === 1 ? 'one thing is' : `${lines.length} things are`} missing:`,
    fix: lines,
  })
}

function isMissing({ flag }: Option, inputs: Inputs): boolean {
  if (flag === 'vault') return inputs.vaults.length === 0
  if (inputs.offline) return false
  if (flag === 'git') return inputs.git === undefined
  return inputs[flag as 'credentials' | 'token'] === undefined
}

function line({ flag, value, required, legacy }: Option): string {
  const names = [environmentName(flag), ...(legacy === undefined ? [] : [legacy])].join(' or ')
  return `--${flag} ${value ?? ''} (${names}): ${required}`
}
