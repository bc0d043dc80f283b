import { timingSafeEqual } from 'node:crypto'
import { inspect } from 'node:util'

/**
 * The only type that holds a secret. However it is printed, joined, logged or serialised it shows its size
 * and nothing else; `reveal()` is called where bytes leave for the API server, Connect or a child's standard input.
 */
export class Secret {
  readonly #value: string

  constructor(value: string) {
    this.#value = value
  }

  /** The value itself. Callers hand it on at once and keep no copy. */
  reveal(): string {
    return this.#value
  }

  get bytes(): number {
    return Buffer.byteLength(this.#value)
  }

  equals(other: Secret): boolean {
    const mine = Buffer.from(this.#value)
    const theirs = Buffer.from(other.#value)
    return mine.length === theirs.length && timingSafeEqual(mine, theirs)
  }

  toString(): string {
    return `‹redacted ${this.bytes} bytes›`
  }

  toJSON(): string {
    return this.toString()
  }

  [inspect.custom](): string {
    return this.toString()
  }
}
