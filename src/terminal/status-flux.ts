import type { FluxFacts } from '../status/flux.ts'
import type { TreeFacts } from '../status/tree.ts'
import { plural } from './age.ts'
import { notLookedAt } from './status-rows.ts'
import type { Style } from './style.ts'

/** The source with what it has fetched, the working tree against it, and the Flux Kustomizations that concern us. */
export function fluxLines(flux: FluxFacts | undefined, style: Style): string[] {
  const { colour } = style
  if (flux === undefined) return [notLookedAt(style)]
  if (!flux.installed) return ['not installed here']
  const { source, kustomizations, tree, version } = flux
  const fetched = source === undefined ? 'no source' : `${source.kind} ${source.namespace}/${source.name}  ${revisionOf(source)}`
  const names = kustomizations.map(({ name, state }) => {
    const sign = { ready: colour.green('✔'), failing: colour.red('✖'), working: '…', suspended: colour.yellow('!') }[state]
    return `${sign} ${name}${/working|suspended/.test(state) ? ` (${state})` : ''}`
  })
  return [
    `${version === undefined ? '' : `${version}  `}${fetched}`,
    ...(tree === undefined ? [] : [treeLine(tree)]),
    ...(names.length === 0 ? [] : [names.join('  ')]),
  ]
}

function revisionOf({ branch, commit, revision = 'nothing fetched yet' }: NonNullable<FluxFacts['source']>): string {
  return commit === undefined
    ? revision.replace(/(:[0-9a-f]{8})[0-9a-f]+$/, '$1')
    : `${branch === undefined ? '' : `${branch} at `}${commit.slice(0, 8)}`
}

function treeLine({ is, ahead = 0, behind = 0, unpushed = 0 }: TreeFacts): string {
  switch (is) {
    case 'same':
      return 'the working tree is at the same commit'
    case 'unknown':
      return 'that commit is not in this clone: git fetch'
    case 'other':
      return 'the working tree is of another repository'
    case 'differs': {
      const pushed = Math.max(0, ahead - unpushed)
      const parts = [
        ...(unpushed > 0 ? [`${plural(unpushed, 'commit')} not pushed`] : []),
        ...(pushed > 0 ? [`${plural(pushed, 'commit')} that Flux has not fetched`] : []),
        ...(behind > 0 ? [`${plural(behind, 'commit')} behind`] : []),
      ]
      return `the working tree: ${parts.join(', ')}`
    }
  }
}
