import type { KubernetesObject } from '../kubernetes/object.ts'
import type { Kind } from './kinds.ts'
import { kindOf } from './kinds.ts'
import type { Store } from './store.ts'

/** Names an object without holding it. */
export interface Key extends Kind {
  namespace: string | undefined
  name: string
}

/** One of the sandbox's actors: it looks at an object whenever something that concerns it changed, and acts on what it finds. */
export interface Controller {
  name: string
  /** The objects to look at, now that this one has changed. */
  concerns(object: KubernetesObject, change: 'put' | 'removed'): Iterable<Key>
  /** Looks and acts; gives the milliseconds after which to look again even if nothing changes. */
  reconcile(key: Key): Promise<number | undefined>
  close?(): Promise<void>
}

export interface Controllers {
  /** Resolves when nobody has anything to do, now or within the next quarter of a second. */
  settled(): Promise<void>
  close(): Promise<void>
}

/** A wait that is longer than this is for a refresh or a late retry, and doesn't keep `settled` waiting. */
const soon = 250

export const keyOf = (object: KubernetesObject): Key => ({
  ...kindOf(object),
  namespace: object.metadata.namespace,
  name: object.metadata.name,
})

const text = (key: Key) => [key.group, key.kind, key.namespace, key.name].join('/')

/** Runs the controllers side by side, each one object at a time, until closed. An error in one of them is thrown by `settled`. */
export function runControllers(store: Store, controllers: readonly Controller[]): Controllers {
  const waiting: { resolve(): void; reject(error: unknown): void }[] = []
  let failure: { error: unknown } | undefined
  let closed = false

  const checkIdle = () => {
    if (failure === undefined && loops.some((each) => !each.idle())) return
    for (const each of waiting.splice(0)) failure ? each.reject(failure.error) : each.resolve()
  }
  const onFailure = (error: unknown) => {
    failure ??= { error }
    checkIdle()
  }
  const loops = controllers.map((each) => startLoop(each, () => setImmediate(checkIdle), onFailure))
  const stop = store.onChange(({ type, object }) => {
    for (const loop of loops) loop.consider(object, type === 'DELETED' ? 'removed' : 'put')
  })
  return {
    settled: () =>
      new Promise((resolve, reject) => {
        waiting.push({ resolve, reject })
        setImmediate(checkIdle)
      }),
    close: async () => {
      if (closed) return
      closed = true
      stop()
      await Promise.all(loops.map((each) => each.close()))
      for (const each of waiting.splice(0)) each.resolve()
    },
  }
}

function startLoop(controller: Controller, onIdle: () => void, onFailure: (error: unknown) => void) {
  const queue = new Map<string, Key>()
  const timers = new Map<string, { timer: NodeJS.Timeout; soon: boolean }>()
  let busy: Promise<void> | undefined
  let closed = false

  const add = (key: Key) => {
    if (closed) return
    queue.set(text(key), key)
    busy ??= work()
  }
  const later = (key: Key, milliseconds: number) => {
    const id = text(key)
    const timer = setTimeout(() => {
      timers.delete(id)
      add(key)
    }, milliseconds)
    timer.unref()
    timers.set(id, { timer, soon: milliseconds <= soon })
  }
  const work = async () => {
    // What queues several keys at once does so before the first is looked at.
    await Promise.resolve()
    for (let next = queue.entries().next(); !next.done && !closed; next = queue.entries().next()) {
      const [id, key] = next.value
      queue.delete(id)
      clearTimeout(timers.get(id)?.timer)
      timers.delete(id)
      try {
        const again = await controller.reconcile(key)
        if (again !== undefined && !closed) later(key, again)
      } catch (error) {
        if (!closed) onFailure(error)
      }
    }
    busy = undefined
    onIdle()
  }
  return {
    consider: (object: KubernetesObject, change: 'put' | 'removed') => {
      for (const key of controller.concerns(object, change)) add(key)
    },
    idle: () => busy === undefined && ![...timers.values()].some((each) => each.soon),
    close: async () => {
      closed = true
      for (const { timer } of timers.values()) clearTimeout(timer)
      await busy
      await controller.close?.()
    },
  }
}
