import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'

interface Locked {
  version?: string
  optionalDependencies?: Record<string, string>
}

const packages: Record<string, Locked> = JSON.parse(readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8')).packages

/** As Node resolves it: beside the package that asks, else further up. */
function resolved(from: string, name: string): Locked | undefined {
  for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))) {
    const found = packages[`${at === '' ? '' : `${at}/`}node_modules/${name}`]
    if (found !== undefined || at === '') return found
  }
}

// An incomplete mirror leaves other platforms' binaries out of the lock file, and then `npm ci` refuses it anywhere.
it('holds the optional packages of every platform', () => {
  const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter((name) => resolved(path, name)?.version === undefined),
  )
  expect(missing).toEqual([])
})

it('names no registry', () => {
  expect(JSON.stringify(packages)).not.toMatch(/"resolved":/)
})
