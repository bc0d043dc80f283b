import type { KubernetesObject } from '../../kubernetes/object.ts'

/** Why a pod can't run here although all that it reads is there, as scheduler, kubelet and kernel tell it. */
export type Obstacle = { is: 'unschedulable'; message: string } | { is: 'image'; message: string } | { is: 'memory' }

/** What the one node has to give, and what Connect needs to start. */
const node = 64 * 2 ** 30
const least = 32 * 2 ** 20

interface Container {
  image: string
  resources?: { requests?: { memory?: string }; limits?: { memory?: string } }
}

/** The first of these, in the order in which a pod would meet them; a registry is expected to have versions and nothing else. */
export function obstacleOf(pod: KubernetesObject): Obstacle | undefined {
  const containers: Container[] = pod['spec'].containers ?? []
  const requested = containers.reduce((sum, { resources }) => sum + bytes(resources?.requests?.memory), 0)
  if (requested > node)
    return {
      is: 'unschedulable',
      message:
        '0/1 nodes are available: 1 Insufficient memory. preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.',
    }
  const unknown = containers.find(({ image }) => /1password\/connect-(api|sync):(?!v?\d)/.test(image))
  if (unknown !== undefined) return { is: 'image', message: `Back-off pulling image "${unknown.image}"` }
  const starved = containers.some(
    ({ image, resources }) => /1password\/connect-/.test(image) && bytes(resources?.limits?.memory, least) < least,
  )
  return starved ? { is: 'memory' } : undefined
}

function bytes(quantity = '0', otherwise = 0): number {
  const [, number, unit = ''] = /^(\d+)(Ki|Mi|Gi)?$/.exec(quantity) ?? []
  if (number === undefined || number === '0') return otherwise
  return Number(number) * { '': 1, Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30 }[unit as '' | 'Ki' | 'Mi' | 'Gi']
}
