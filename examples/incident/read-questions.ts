import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Match } from './expand-gold.ts'

/** `tune` is for choosing how to search; `report` is only measured. */
export const parts = ['tune', 'report'] as const
export type Part = (typeof parts)[number]

interface Asked {
  question: string
  style: 'operator' | 'identifier' | 'symptom' | 'time'
  /** When it is asked, ISO 8601. Default: the incident's end. */
  now?: string
}

/** A question as `questions/*.jsonl` stores it: its answer as a rule over the lines. */
export type Question = Asked &
  (
    | { kind: 'find' | 'top'; gold: Match }
    /** `gold` is how many lines `count` means. */
    | { kind: 'count'; gold: number; count: Match }
    /** Nothing answers; `never` is what an answer would have to say, and no line says. */
    | { kind: 'absent'; gold: readonly []; never: Match }
  )

const folders = [
  join(import.meta.dirname, 'questions'),
  join(import.meta.dirname, '..', 'shop-night', 'questions'),
]

/** The questions of one part, about both data sets. */
export function readQuestions(part: Part): Question[] {
  return folders.flatMap((folder) =>
    readFileSync(join(folder, `${part}.jsonl`), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line): Question => JSON.parse(line)),
  )
}
