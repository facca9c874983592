/** A claim on the budget; it grows, and goes back as a whole when it is disposed of. */
export interface ByteLease extends Disposable {
  /** Raises the claim to `bytes` in all. False, and nothing is claimed, when there is no room. */
  growTo(bytes: number): boolean
}

export interface ByteBudget {
  readonly used: number
  lease(): ByteLease
}

/** Bounds the bytes that requests under way hold together. It never waits: who finds no room is told to come again. */
export function createByteBudget(capacity: number): ByteBudget {
  let used = 0
  return {
    get used() {
      return used
    },
    lease: () => {
      let held = 0
      let returned = false
      return {
        growTo: (bytes) => {
          const more = Math.max(0, bytes - held)
          if (returned || used + more > capacity) return false
          used += more
          held += more
          return true
        },
        [Symbol.dispose]: () => {
          if (!returned) used -= held
          returned = true
        },
      }
    },
  }
}
