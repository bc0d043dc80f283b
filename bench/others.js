import { spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'

/** Command lines of Node that many people know: one package, many packages, one large package. */
export const others = { prettier: 'prettier@3.10.1', eslint: 'eslint@10.15.0', cdk: 'aws-cdk@2.1148.1' }

/** Installs them for a run; gives how each says its version, as arguments of Node. */
export async function installed(scratch) {
  const folder = join(scratch, 'others')
  mkdirSync(folder)
  run('npm', ['install', '--prefix', folder, '--no-audit', '--no-fund', '--no-save', ...Object.values(others)])
  const at = (...path) => join(folder, 'node_modules', ...path)
  return {
    commands: {
      'prettier --version': [at('prettier', 'bin', 'prettier.cjs'), '--version'],
      'eslint --version': [at('eslint', 'bin', 'eslint.js'), '--version'],
      'cdk --version': [at('aws-cdk', 'bin', 'cdk'), '--version'],
    },
  }
}

export function run(command, args, options = {}) {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', ...options })
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}:\n${stderr}`)
  return stdout
}
