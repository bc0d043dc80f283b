import { expect, test } from 'vitest'
import { shortPath } from '../../src/text/short-path.ts'

test.each([
  ['/home/robin/homelab', '/home/robin/homelab', '~/homelab'],
  ['/home/robin', '/', '~'],
  // The home's name is only how its own begins.
  ['/home/robinson/lab', '/home', 'robinson/lab'],
  ['/srv/lab', '/srv', 'lab'],
  ['/srv/lab', '/srv/lab', '/srv/lab'],
])('%s in %s is %s', (path, cwd, short) => {
  expect(shortPath(path, { home: '/home/robin', cwd })).toBe(short)
})
