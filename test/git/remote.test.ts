import { describe, expect, test } from 'vitest'
import { sameRepository, withoutCredentials } from '../../src/git/remote.ts'

const forms = [
  'https://github.com/Ada/Homelab',
  'https://github.com/ada/homelab.git',
  'https://github.com/ada/homelab.git/',
  'https://ada@github.com/ada/homelab',
  'https://x-access-token:not-a-token@GitHub.com/ada/homelab.git',
  'git@github.com:ada/homelab.git',
  'github.com:/ada/homelab',
  'ssh://git@github.com/ada/homelab.git',
  'ssh://git@github.com:22/ada/homelab',
  'ssh://git@ssh.github.com:443/ada/homelab.git',
  'git://github.com/ada/homelab',
]

describe('the same repository', () => {
  test.each(forms)('%s', (form) => {
    for (const other of forms) expect(sameRepository(form, other)).toBe(true)
  })

  test.each([
    ['http://forgejo.local:3000/o/r.git', 'ssh://git@forgejo.local:2222/o/r'],
    ['/srv/git/r.git', '/srv/git/r'],
    ['file:///srv/git/r.git', '/srv/git/r.git'],
    ['git@[::1]:o/r', 'ssh://git@[::1]:22/o/r.git'],
  ])('%s and %s', (a, b) => {
    expect(sameRepository(a, b)).toBe(true)
  })
})

test.each([
  ['https://github.com/ada/homelab', 'https://github.com/ada/homelab2'],
  ['https://github.com/ada/homelab', 'https://gitlab.com/ada/homelab'],
  ['https://git.example.com/Ada/r', 'https://git.example.com/ada/r'],
  ['http://forgejo-http.dev.svc.cluster.local:3000/o/r', 'https://forgejo.example.com/o/r'],
  ['https://github.com/ada/git', 'https://github.com/ada/git.git.git'],
])('%s is not %s', (a, b) => {
  expect(sameRepository(a, b)).toBe(false)
})

test.each([
  ['https://not-a-token@github.com/o/r', 'https://github.com/o/r'],
  ['https://user:not@a@password@github.com/o/r', 'https://github.com/o/r'],
  ['ssh://git:not-a-password@host:22/o/r', 'ssh://git@host:22/o/r'],
  ['ssh://git@host/o/r', 'ssh://git@host/o/r'],
  ['git@github.com:o/r.git', 'git@github.com:o/r.git'],
  ['/srv/git/r@home.git', '/srv/git/r@home.git'],
])('%s is shown as %s', (url, shown) => {
  expect(withoutCredentials(url)).toBe(shown)
})
