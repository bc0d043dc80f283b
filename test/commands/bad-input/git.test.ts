import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Place } from './place.ts'
import { type Row, refuses } from './refusals.ts'

const base = 'infrastructure/base/external-secrets'
const list = `${base}/kustomization.yaml`
const exit = 'blocked'

/** Programs that are on the PATH, and no others. */
async function only(at: Place, ...programs: string[]) {
  const bin = join(at.folder, 'bin')
  await mkdir(bin)
  for (const each of programs) await symlink(each, join(bin, each))
  return { env: { PATH: bin } }
}

const rows: Row[] = [
  {
    wrong: 'no git',
    with: (at) => only(at),
    exit,
    id: 'git-missing',
    what: 'git is not installed, or not in PATH.',
    fix: 'Install git: https://git-scm.com/downloads',
  },
  {
    wrong: 'a folder that no git knows',
    with: (at) => ({ flags: { repo: at.home } }),
    exit,
    id: 'not-a-repository',
    what: '<here>/home is not in a git repository.',
    fix: 'Name the clone: --repo <folder>',
  },
  {
    wrong: 'a folder that is not there',
    with: () => ({ flags: { repo: 'nowhere' } }),
    exit,
    id: 'not-a-repository',
    what: '<here>/repository/nowhere is not in a git repository.',
    fix: 'Name the clone: --repo <folder>',
  },
  {
    wrong: 'a bare repository',
    with: (at) => ({ flags: { repo: at.sandbox.remote } }),
    exit,
    id: 'bare-repository',
    what: '<remote> is a bare repository: it has no files that could be changed.',
    fix: 'git clone <remote> <folder>',
  },
  {
    wrong: 'a detached HEAD',
    with: async (at) => void (await at.git('switch', '--quiet', '--detach')),
    exit,
    id: 'head-detached',
    what: 'No branch is checked out in <here>/repository (detached HEAD).',
    fix: 'git switch main',
  },
  {
    wrong: 'another branch',
    with: async (at) => void (await at.git('switch', '--quiet', '--create', 'feature')),
    exit,
    id: 'wrong-branch',
    what: 'The branch feature is checked out, but Flux reads main.',
    fix: 'git switch main',
  },
  {
    wrong: 'a branch that was never fetched',
    with: async (at) => void (await at.git('update-ref', '-d', 'refs/remotes/origin/main')),
    exit,
    id: 'branch-not-fetched',
    what: "This clone has never fetched main from origin, so it can't be seen what a push would bring.",
    fix: 'git fetch origin main:refs/remotes/origin/main',
  },
  {
    wrong: 'no upstream, where only it says where to push',
    with: async (at) => {
      await at.git('branch', '--quiet', '--unset-upstream')
      return { flags: { offline: true, path: base } }
    },
    exit,
    id: 'no-upstream',
    what: 'This branch tracks no remote branch, so where to push is unknown.',
    fix: 'git branch --set-upstream-to=origin/main',
  },
  {
    wrong: 'a file to change that somebody works on',
    with: async (at) => at.edit({ [list]: `${await at.read(list)}commonLabels:\n  team: platform\n` }),
    exit,
    id: 'file-dirty',
    what: `${list} has changes of yours that are not committed.`,
    why: 'The commit would take them along.',
    fix: `git commit ${list}`,
  },
  {
    wrong: 'a rebase that is not ended',
    with: async (at) => {
      await at.commit({ 'README.md': 'ours\n' })
      await at.git('switch', '--quiet', '--create', 'other', 'HEAD^')
      await at.edit({ 'README.md': 'theirs\n' })
      await at.git('add', '--all')
      await at.git('commit', '--quiet', '--message', 'Other')
      await at.git('switch', '--quiet', 'main')
      await at.git('rebase', 'other').catch(() => 'stopped at a conflict, as it should')
    },
    exit,
    id: 'repository-busy',
    what: 'A rebase is under way in <here>/repository.',
    fix: 'git rebase --continue',
  },
  {
    wrong: 'another git at work',
    with: (at) => writeFile(join(at.repository, '.git', 'index.lock'), ''),
    exit,
    id: 'index-locked',
    what: 'Another git is at work in <here>/repository: its lock is there.',
    fix: 'Wait until it has ended, and run again.',
  },
  {
    wrong: 'commits of others that were not pushed',
    with: async (at) => {
      await at.commit({ 'README.md': 'One.\n' })
      await at.commit({ 'README.md': 'Two.\n' })
      await at.git('update-ref', 'refs/remotes/origin/main', 'HEAD~2')
    },
    exit,
    id: 'unpushed-commits',
    what: 'main holds 2 commits that are not on origin yet.',
    fix: 'git log origin/main..main',
  },
  {
    wrong: 'nobody who commits',
    with: async (at) => {
      await at.git('config', '--unset', 'user.name')
      await at.git('config', '--unset', 'user.email')
      await at.git('config', 'user.useConfigOnly', 'true')
    },
    exit,
    id: 'identity-missing',
    what: 'git does not know who you are, so it can not commit.',
    fix: 'git config --global user.name "Your Name"',
  },
  {
    wrong: 'a branch for the pull request that is there already',
    with: async (at) => {
      await at.git('branch', '--quiet', 'eso')
      return { flags: { branch: 'eso' } }
    },
    exit,
    id: 'branch-exists',
    what: 'There is a branch eso already.',
    fix: 'Choose another name: --branch <new-branch>',
  },
  {
    wrong: 'credentials in the working tree that git would take',
    with: async (at) => {
      await at.edit({ '1password-credentials.json': at.secrets()[0] ?? '' })
      return { flags: { credentials: '1password-credentials.json' } }
    },
    exit,
    id: 'secret-in-repository',
    what: '1password-credentials.json lies in the working tree, and git does not ignore it.',
    why: 'One `git add` by anybody would publish it.',
    fix: 'or ignore it: echo /1password-credentials.json >> .gitignore',
  },
  {
    wrong: 'a token in the working tree that was committed',
    with: async (at) => {
      await at.commit({ 'secrets/token': at.secrets()[1] ?? '' })
      return { flags: { token: 'secrets/token' } }
    },
    exit,
    id: 'secret-committed',
    what: 'secrets/token is a file of this git repository.',
    why: 'Whoever can read the repository, or a copy of it, has the secret: regard it as leaked.',
    fix: 'Revoke it in 1Password and make a new one',
  },
  {
    wrong: 'files to change that git ignores',
    with: async (at) => {
      await at.git('rm', '--quiet', '-r', '--cached', `${base}/secretstores`)
      await at.commit({ '.gitignore': 'secretstores/\n' })
    },
    exit,
    id: 'file-ignored',
    what: `${base}/secretstores/onepassword-secretstore.yaml is ignored by git, so it can not be committed.`,
    fix: 'See which rule does it: git check-ignore -v',
  },
]

refuses(rows)
