import type { TimeRange } from '../time-range.ts'

/** Sentences on what of a question was not understood or not used. */
export function notesOn(input: {
  said: readonly string[]
  range: TimeRange | null
  unused: readonly string[]
  /** What the counts were to be parted by, and are not. */
  parts: string | null
}): string[] {
  const instead =
    input.range === null ? 'all that is indexed was searched' : 'the rest of the time was used'
  return [
    ...input.said.map((said) => `I did not understand the time “${said}”: ${instead}.`),
    ...(input.parts === null
      ? []
      : [`Counts by ${input.parts} are not made; these are by pattern.`]),
    ...input.unused.map((number) => `${number} was not used.`),
  ]
}
