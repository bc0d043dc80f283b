/**
 * A bootstrap is a list of facts that have to become true, in order. A step is one of them: it looks whether the
 * fact holds (reading only), and where it doesn't hands back the way to make it so, which hands back its undo.
 */
export interface Step<World> {
  id: string
  /** The fact, as a true statement: "the namespace external-secrets exists". */
  title: string
  /**
   * Looks at the world. All steps look side by side; one that builds on an earlier step's look awaits `earlier(id)`.
   * Throws a Failure when the fact neither holds nor can be made true.
   */
  look(world: World, earlier: (id: string) => Promise<Look>): Promise<Look>
}

export type Look = Already | Pending | Skipped

/** The fact holds. */
interface Already {
  is: 'already'
  says: string
  notes?: string[]
}

/** The fact can be made true. Everything but `makeItSo` is plain data and holds no secret. */
export interface Pending {
  is: 'pending'
  says: string
  notes?: string[]
  /** Empty for what only goes along with other steps' changes (the lock). */
  changes: Change[]
  /** What the user must be allowed to do for it; opaque to the engine. */
  needs?: readonly unknown[]
  makeItSo(run: Run): Promise<Made>
}

/** The fact is not wanted this time (`--offline`, `--no-reconcile`), or can't be asked. */
interface Skipped {
  is: 'skipped'
  says: string
  /** Set when the claim of success is weaker for it: "configured, not verified". */
  weaker?: boolean
}

/** One line of the plan. */
export interface Change {
  /** `act` runs or waits for something that others change: it needs no consent of its own. */
  action: 'create' | 'update' | 'delete' | 'act'
  what: string
  note?: string
  /** A unified diff, for files. */
  diff?: string
}

export interface Run {
  signal: AbortSignal
  /** Progress of this step, one short line. */
  say(text: string): void
  /** A part of this step is done: a line that stays. */
  note(text: string): void
}

export interface Made {
  says: string
  notes?: string[]
  /** Takes back what was done; throws if it can't be taken back. */
  undo?: () => Promise<void>
  /** Aborted when what was made no longer holds (the lock was lost): the walk stops then. */
  stops?: AbortSignal
  /** Runs when the walk ends, however it ends. */
  release?: () => Promise<void>
  /** Others can see it now (a push): nothing before it is taken back any more. */
  visible?: true
}
