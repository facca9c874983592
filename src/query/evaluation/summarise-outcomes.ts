import type { Outcome } from './evaluate.ts'

/** Shares of questions, 0 to 1; `recallAtK`: with a gold line among the first k shown; `mrr`: the mean of 1 / its place. */
export interface Ranking {
  recallAt1: number
  recallAt5: number
  recallAt10: number
  mrr: number
}

export interface EvaluationRow {
  /** `all`, or a style or kind of question. */
  name: string
  questions: number
  methods: { millrace: Ranking; bm25: Ranking }
}

export interface EvaluationReport {
  questions: number
  /** Over all questions whose gold is lines. */
  methods: EvaluationRow['methods']
  rows: EvaluationRow[]
  counts: { asked: number; exact: number }
  refusals: {
    /** Questions whose answer is not there, and how many were refused. */
    absent: number
    right: number
    /** Questions whose answer is there, and how many were refused all the same. */
    answerable: number
    wrong: number
  }
  /** An answer, without a model, in ms. */
  latencyMs: { p50: number; p99: number; max: number }
}

/** The report on these outcomes. */
export function summariseOutcomes(outcomes: readonly Outcome[]): EvaluationReport {
  const ranked = outcomes.filter((outcome) => outcome.rank !== undefined)
  const absent = outcomes.filter(({ kind }) => kind === 'absent')
  const answerable = outcomes.filter(({ kind, expected }) => kind !== 'absent' && expected !== 0)
  const numbered = outcomes.filter(({ expected }) => expected !== null)
  const ms = outcomes.map((outcome) => outcome.ms).sort((a, b) => a - b)
  const at = (share: number) => ms[Math.min(ms.length - 1, Math.floor(ms.length * share))] ?? 0
  const styles = Map.groupBy(ranked, ({ kind, style }) => style ?? kind)
  return {
    questions: outcomes.length,
    methods: methodsOf(ranked),
    rows: [...styles].map(([name, group]) => ({
      name,
      questions: group.length,
      methods: methodsOf(group),
    })),
    counts: {
      asked: numbered.length,
      exact: numbered.filter(({ count, expected }) => (count ?? 0) === expected).length,
    },
    refusals: {
      absent: absent.length,
      right: absent.filter(({ found }) => !found).length,
      answerable: answerable.length,
      wrong: answerable.filter(({ found }) => !found).length,
    },
    latencyMs: { p50: at(0.5), p99: at(0.99), max: ms.at(-1) ?? 0 },
  }
}

function methodsOf(outcomes: readonly Outcome[]): EvaluationRow['methods'] {
  return {
    millrace: rankingOf(outcomes.map((outcome) => outcome.rank ?? null)),
    bm25: rankingOf(outcomes.map((outcome) => outcome.bm25Rank ?? null)),
  }
}

function rankingOf(ranks: readonly (number | null)[]): Ranking {
  const share = (count: number) => (ranks.length === 0 ? 0 : count / ranks.length)
  const within = (k: number) => share(ranks.filter((rank) => rank !== null && rank <= k).length)
  let reciprocal = 0
  for (const rank of ranks) reciprocal += rank === null ? 0 : 1 / rank
  return {
    recallAt1: within(1),
    recallAt5: within(5),
    recallAt10: within(10),
    mrr: share(reciprocal),
  }
}
