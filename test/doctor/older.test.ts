import { expect, it } from 'vitest'
import { isAtLeast, isOlder } from '../../src/doctor/older.ts'

it.each<[version: string | undefined, isIt: boolean]>([
  ['0.14.3', true],
  ['v0.14.3', true],
  ['0.13.x', true],
  ['~0.13.0', true],
  ['^0.13.1', true],
  ['0.9', true],
  ['0.14.4', false],
  ['0.14.x', false],
  ['~0.14.1', false],
  ['^0.14.0', false],
  ['0.15.0', false],
  ['2.0.0', false],
  ['>=0.10.0', false],
  ['0', false],
  ['*', false],
  ['latest', false],
  [undefined, false],
])('%s is certainly older than 0.14.4: %s', (version, isIt) => {
  expect(isOlder(version, [0, 14, 4])).toBe(isIt)
})

it.each<[version: string | undefined, isIt: boolean]>([
  ['0.17.0', true],
  ['1.2.3', true],
  ['0.17.x', true],
  ['0.16.2', false],
  ['latest', false],
  [undefined, false],
])('%s is certainly 0.17.0 or newer: %s', (version, isIt) => {
  expect(isAtLeast(version, [0, 17, 0])).toBe(isIt)
})
