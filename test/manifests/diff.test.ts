import { expect, test } from 'vitest'
import { unifiedDiff } from '../../src/manifests/diff.ts'

test('a change with three lines around it', () => {
  const before = '1\n2\n3\n4\n5\n6\n7\n8\n9\n'
  expect(unifiedDiff('a/k.yaml', before, before.replace('5', 'five'))).toBe(
    '--- a/a/k.yaml\n+++ b/a/k.yaml\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n',
  )
})

test('a new file', () => {
  expect(unifiedDiff('k.yaml', undefined, 'a\nb\n')).toBe('--- /dev/null\n+++ b/k.yaml\n@@ -0,0 +1,2 @@\n+a\n+b\n')
})

test('a missing last newline', () => {
  expect(unifiedDiff('k.yaml', 'a', 'b')).toBe(
    '--- a/k.yaml\n+++ b/k.yaml\n@@ -1,1 +1,1 @@\n-a\n\\ No newline at end of file\n+b\n\\ No newline at end of file\n',
  )
})

test('no change', () => {
  expect(unifiedDiff('k.yaml', 'a\n', 'a\n')).toBe('')
})
