import { expect, test } from 'vitest'
import { operatorVersions } from '../../../src/sandbox/flux/charts/operator.ts'
import { matching } from '../../../src/sandbox/flux/versions.ts'

test.each([
  ['2.6.0', '2.6.0'],
  ['v2.6.0', '2.6.0'],
  ['0.11.x', '0.11.0'],
  ['0.11', '0.11.0'],
  ['*', '2.9.0'],
  ['x', '2.9.0'],
  ['2.x', '2.9.0'],
  ['~2.4', '2.4.1'],
  ['~2.4.0', '2.4.1'],
  ['^0.16', '0.16.2'],
  ['^1', '1.3.2'],
  ['>=2.0.0 <2.3', '2.2.0'],
  ['>= 0.17.0, < 0.19', '0.18.2'],
  ['<=0.15', '0.15.1'],
  ['>1', '2.9.0'],
  ['0.9.20 || 0.10.x', '0.10.7'],
  ['0.11.0 - 0.13.0', '0.13.0'],
  ['3.x', undefined],
  ['2.6.1', undefined],
])('%s is %s', (range, version) => {
  expect(matching(operatorVersions, range)).toBe(version)
})
