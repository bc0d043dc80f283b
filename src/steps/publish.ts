import { resolve } from 'node:path'
import type { Change, Look, Made, Run, Step } from '../engine/step.ts'
import { Failure } from '../failure.ts'
import { checkNewBranch, commitOnBranch } from '../git/branch.ts'
import { type Commit, commit } from '../git/commit.ts'
import { exposedSecrets } from '../git/exposed.ts'
import { allAtOnce, checkBranch, checkCommit } from '../git/preflight.ts'
import { push } from '../git/push.ts'
import { shellWord } from '../text/shell-word.ts'
import { ownFiles } from './own-files.ts'
import type { World } from './world.ts'

const message = `Enable 1Password Connect and the secret stores

Names the vaults in the stores and lists Connect and the stores in the kustomization.
`

/** The commit that holds the changed files is what Flux's source points at. */
export const publish: Step<World> = {
  id: 'publish',
  title: 'what Flux reads holds the changes',
  async look(world, earlier) {
    // A refusal of a file is told by its own step, and once.
    await Promise.all(['manifests', 'vaults', 'components'].map(earlier))
    const mode = world.inputs.git ?? 'none'
    const paths = await ownFiles(world)
    if (mode === 'none') return leftAlone(world, paths)
    const repository = await world.repository()
    const own = () => (paths.length > 0 ? checkCommit(repository, { paths, env: world.env }) : Promise.resolve())
    if (world.inputs.branch !== undefined) {
      await allAtOnce(refuseExposed(world), own())
      return onNewBranch(world, paths, world.inputs.branch)
    }
    const target = await targetOf(world)
    await allAtOnce(refuseExposed(world), own(), mode === 'push' ? checkBranch(repository, target) : Promise.resolve())
    if (paths.length === 0) {
      const head = await repository.head()
      if (head !== undefined) world.published.commit = head
      return { is: 'already', says: `${target.branch} on ${target.remote} holds it` }
    }
    const changes: Change[] = [{ action: 'update', what: `commit ${files(paths)} to ${target.branch}` }]
    if (mode === 'push') changes.push({ action: 'update', what: `push ${target.branch} to ${target.remote}` })
    return {
      is: 'pending',
      says: mode === 'push' ? `commit to ${target.branch} and push` : `commit to ${target.branch}`,
      changes,
      async makeItSo(run) {
        const made = await commit(repository, options(world, paths, run))
        if (mode === 'commit') return { says: `committed ${short(made)}`, notes: rewritten(made), undo: made.undo }
        return pushed(world, made, { ...target, newBranch: false }, run)
      },
    }
  },
}

async function leftAlone(world: World, paths: string[]): Promise<Look> {
  if (paths.length > 0) return { is: 'skipped', says: `${files(paths)} changed and not committed: --git none`, weaker: true }
  if (world.inputs.offline) return { is: 'skipped', says: 'git is left alone' }
  const repository = await world.repository()
  const { remote, branch } = await world.site()
  const head = await repository.head()
  if (head === undefined || (await repository.unpushed(remote, branch)) !== 0) {
    return { is: 'skipped', says: `${branch} has commits that are not pushed: --git none`, weaker: true }
  }
  world.published.commit = head
  return { is: 'already', says: `${branch} on ${remote} holds it` }
}

async function onNewBranch(world: World, paths: string[], branch: string): Promise<Look> {
  if (paths.length === 0) return { is: 'already', says: 'no file has to change, so there is nothing for a pull request' }
  const repository = await world.repository()
  await checkNewBranch(repository, { branch, env: world.env })
  const { remote } = await targetOf(world)
  return {
    is: 'pending',
    says: `commit to the new branch ${branch} and push it`,
    changes: [
      { action: 'create', what: `commit ${files(paths)} to the new branch ${branch}` },
      { action: 'create', what: `push ${branch} to ${remote}` },
    ],
    async makeItSo(run) {
      const made = await commitOnBranch(repository, { ...options(world, paths, run), branch })
      return pushed(world, made, { remote, branch, newBranch: true }, run)
    },
  }
}

/** A push that fails leaves no commit behind. */
async function pushed(world: World, made: Commit, to: { remote: string; branch: string; newBranch: boolean }, run: Run): Promise<Made> {
  run.say(`pushing to ${to.remote}`)
  try {
    const repository = await world.repository()
    const result = await push(repository, { ...to, sha: made.sha, env: world.env, terminal: world.interactive, signal: run.signal })
    world.published.commit = result.pushed
    return { says: `${to.branch} pushed, commit ${result.pushed.slice(0, 8)}`, notes: rewritten(made), visible: true }
  } catch (error) {
    await made.undo()
    throw error
  }
}

function options(world: World, paths: string[], run: Run) {
  return { paths, message, env: world.env, terminal: world.interactive, signal: run.signal }
}

/** Online, the branch that Flux follows; offline, the branch that this one tracks. */
async function targetOf(world: World): Promise<{ remote: string; branch: string }> {
  if (!world.inputs.offline) return world.site()
  const repository = await world.repository()
  const [upstream, branch] = await Promise.all([repository.upstream(), repository.branch()])
  if (upstream !== undefined) return upstream
  if (world.inputs.git === 'commit' && branch !== undefined) return { remote: 'origin', branch }
  throw new Failure({
    id: 'no-upstream',
    exit: 'blocked',
    what: 'This branch tracks no remote branch, so where to push is unknown.',
    fix: 'git branch --set-upstream-to=origin/main',
  })
}

async function refuseExposed(world: World): Promise<void> {
  const sources = [world.inputs.credentials, world.inputs.token].flatMap((source) =>
    source?.kind === 'file' ? [resolve(world.cwd, source.path)] : [],
  )
  const repository = await world.repository()
  const [exposed] = await exposedSecrets(repository, sources)
  if (exposed === undefined) return
  const name = (await repository.inside(exposed)) ?? exposed
  if (await repository.tracked(exposed)) {
    throw new Failure({
      id: 'secret-committed',
      exit: 'blocked',
      what: `${name} is a file of this git repository.`,
      why: 'Whoever can read the repository, or a copy of it, has the secret: regard it as leaked.',
      fix: ['Revoke it in 1Password and make a new one, in a place outside of the repository', `git rm --cached ${shellWord(name)}`],
    })
  }
  throw new Failure({
    id: 'secret-in-repository',
    exit: 'blocked',
    what: `${name} lies in the working tree, and git does not ignore it.`,
    why: 'One `git add` by anybody would publish it.',
    fix: ['Move it out of the repository', `or ignore it: echo ${shellWord(`/${name}`)} >> .gitignore`],
  })
}

function files(paths: readonly string[]): string {
  return paths.length === 1 ? (paths[0] ?? '') : `${paths.length} files`
}

function short({ sha }: Commit): string {
  return sha.slice(0, 8)
}

function rewritten({ rewritten }: Commit): string[] {
  return rewritten.map((path) => `a commit hook rewrote ${path}`)
}
