/** Random parts of secrets, the same for the same seed. Nothing that looks like a real one stands in a file. */
export interface Seeded {
  int(below: number): number
  pick<T>(items: readonly T[]): T
  of(alphabet: string, length: number): string
}

export const lower = 'abcdefghijklmnopqrstuvwxyz'
export const upper = lower.toUpperCase()
export const digits = '0123456789'
export const hex = `${digits}abcdef`
export const alnum = lower + upper + digits
export const base64 = `${alnum}+/`
export const base64url = `${alnum}-_`

/** A small generator (mulberry32). */
export function seeded(seed: number): Seeded {
  let state = seed
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  const int = (below: number) => Math.floor(next() * below)
  return {
    int,
    pick: (items) => items[int(items.length)] as (typeof items)[number],
    of: (alphabet, length) => Array.from({ length }, () => alphabet[int(alphabet.length)]).join(''),
  }
}
