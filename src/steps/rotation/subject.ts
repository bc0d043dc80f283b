import { isReady, type KubernetesObject } from '../../kubernetes/object.ts'
import { isSyncedSince, type Sync, syncOf } from './external-secrets.ts'

/** One ExternalSecret while it is forced: what is known of it, and when it has ended. */
export interface Subject {
  /** What the watch says: undefined when it is gone. */
  see(object: KubernetesObject | undefined): void
  /** What the answer to a patch says. */
  forced(answer: KubernetesObject): void
  /** Resolves as soon as a sync after the first patch is proven, or when it is gone. */
  ended: Promise<'synced' | 'gone'>
  /** What our annotation is to say next. */
  nextValue(): string
  last(): KubernetesObject | undefined
  /** At the moment when it was first forced; undefined until then. */
  wasReady(): boolean | undefined
}

/** `value` has never stood in our annotation. */
export function subjectOf(value: string): Subject {
  let patches = 0
  let before: (Sync & { ready: boolean }) | undefined
  let last: KubernetesObject | undefined
  let end: (how: 'synced' | 'gone') => void = () => {}
  const ended = new Promise<'synced' | 'gone'>((resolve) => {
    end = resolve
  })
  const see = (object: KubernetesObject | undefined) => {
    last = object ?? last
    if (object === undefined) end('gone')
    else if (before !== undefined && isSyncedSince(before, value, object)) end('synced')
  }
  return {
    see,
    forced(answer) {
      before ??= { ...syncOf(answer), ready: isReady(answer) }
      // The watch may have been faster than this answer.
      if (last !== undefined) see(last)
      see(answer)
    },
    ended,
    nextValue: () => `${value}.${++patches}`,
    last: () => last,
    wasReady: () => before?.ready,
  }
}
