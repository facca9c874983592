import { median } from './stats.ts'

/** What was measured, by contender, a value a round. */
export type Rounds<T> = Map<string, T[]>

export function addRound<T>(rounds: Rounds<T>, name: string, value: T): void {
  const values = rounds.get(name)
  if (values) values.push(value)
  else rounds.set(name, [value])
}

/** The median over the rounds of one number of a contender's. */
export function mid<T>(values: readonly T[] | undefined, pick: (value: T) => number): number {
  return median((values ?? []).map(pick))
}
