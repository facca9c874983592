import { formatCitation } from '../../log/citation.ts'
import { type AskDeps, ask } from '../ask.ts'
import { createBm25 } from './bm25.ts'
import type { EvaluationQuestion } from './read-questions.ts'

/** A line of the logs and the record that it became. */
export interface EvaluationLine {
  stream: string
  shard: number
  sequence: bigint
  text: string
}

/** What came of one question. */
export interface Outcome {
  question: string
  kind: EvaluationQuestion['kind']
  style: string | null
  /** The first gold line's place in the evidence, from 1; null where none is shown, undefined where lines are not asked for. */
  rank?: number | null
  /** The same in BM25's first ten lines. */
  bm25Rank?: number | null
  /** The answer says that it found something. */
  found: boolean
  count: number | null
  expected: number | null
  ms: number
}

const depth = 10

/**
 * Asks every question, one after the other, and looks for its gold among what the answer shows, and among the lines that
 * BM25 ranks first. A gold line is shown by an evidence line whose record is that line or one equal to it after `redact`,
 * or, where several lines were joined into one event, by the event that holds it.
 */
export async function evaluate(
  deps: AskDeps,
  input: {
    questions: readonly EvaluationQuestion[]
    lines: readonly EvaluationLine[]
    /** A line of the logs without its secrets. */
    redact: (line: string) => string
    /** What of a line an event shows: its message, without its secrets. */
    bodyOf: (line: string) => string
    /** Where a question names none. */
    now: Date
    timeZone: string
  },
  options: { signal?: AbortSignal; onOutcome?: (outcome: Outcome) => void } = {},
): Promise<Outcome[]> {
  const { lines, redact, bodyOf } = input
  const rankLines = createBm25(lines.map((line) => line.text))
  const textOf = new Map(lines.map((line) => [formatCitation(line), line.text]))
  const outcomes: Outcome[] = []
  for (const asked of input.questions) {
    if (options.signal?.aborted) break
    const started = performance.now()
    const answer = await ask(deps, {
      question: asked.question,
      now: asked.now === undefined ? input.now : new Date(asked.now),
      timeZone: input.timeZone,
      ...(options.signal ? { signal: options.signal } : {}),
    })
    const outcome: Outcome = {
      question: asked.question,
      kind: asked.kind,
      style: asked.style ?? null,
      found: answer.found,
      count: answer.count,
      expected: typeof asked.gold === 'number' ? asked.gold : null,
      ms: performance.now() - started,
    }
    if (Array.isArray(asked.gold) && asked.gold.length > 0) {
      const gold = new Set(asked.gold.map((line) => redact(line.trimEnd())))
      const isGold = (text: string | undefined) =>
        text !== undefined && gold.has(redact(text.trimEnd()))
      const bodies = new Set(asked.gold.map((line) => bodyOf(line).trim()))
      outcome.rank = placeOf(
        answer.evidence.items.slice(0, depth),
        (shown) => isGold(textOf.get(shown.citation)) || holdsLine(shown.text, bodies),
      )
      outcome.bm25Rank = placeOf(rankLines(asked.question, { limit: depth }), (line) =>
        isGold(lines[line]?.text),
      )
    }
    outcomes.push(outcome)
    options.onOutcome?.(outcome)
  }
  return outcomes
}

/** True for an event of several lines one of which is the gold line's message, whatever the shipper wrapped around it. */
function holdsLine(text: string, bodies: ReadonlySet<string>): boolean {
  return text.includes('\n') && text.split('\n').some((line) => bodies.has(line.trim()))
}

function placeOf<T>(ranked: readonly T[], isGold: (item: T) => boolean): number | null {
  const index = ranked.findIndex(isGold)
  return index === -1 ? null : index + 1
}
