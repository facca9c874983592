import { databaseNow } from '../db/database-now.ts'
import type { EvidenceItem } from '../knowledge/evidence.ts'
import { listServices } from '../knowledge/list-services.ts'
import type { SearchDeps } from '../knowledge/search.ts'
import { severityName, severityNames, severityRange } from '../knowledge/severity.ts'
import { formatCitation } from '../log/citation.ts'
import { listStreams } from '../log/list-streams.ts'
import { checkNames } from './check-names.ts'
import { citableItems } from './evidence-types.ts'
import { gatherEvidence } from './gather-evidence.ts'
import { type Plan, planQuestion } from './plan.ts'
import { requireStream } from './require-stream.ts'
import { settleReading } from './settle-reading.ts'
import { type WriteDeps, writeAnswer } from './write-answer.ts'

export interface AskDeps extends SearchDeps, WriteDeps {
  /** How many records are in the log but not events yet. */
  countUnindexed?: () => Promise<number>
  /**
   * A text as the lines have it, with placeholders for its secrets: a mail address is found by its placeholder, and no secret
   * of a question reaches a model. Default: as it is.
   */
  redact?: (text: string) => Promise<string>
}

export interface AskInput {
  question: string
  /** Search this stream only. Default: all. */
  stream?: string
  /** What "now" means in the question. Default: the database's clock. */
  now?: Date
  /** IANA time zone in which the question's times are meant. Default: the process' own. */
  timeZone?: string
  signal?: AbortSignal
}

/** An evidence line as it is shown and sent: no bigint, citations as text. */
export interface CitedLine {
  /** The number that stands for it in the text: [n]. */
  n: number
  citation: string
  at: string
  service: string | null
  severity: string | null
  text: string
  /** Events of the same pattern inside the window, and the first and last of them. */
  count: number
  first: string
  last: string
  patternId: number
  score: number
}

export interface Answer {
  question: string
  /** Claims with citation markers [n]. */
  text: string
  /** True when something was found that answers it. */
  found: boolean
  /** The cited lines, each with the record that proves it. */
  citations: CitedLine[]
  plan: PlanReport
  evidence: { items: CitedLine[]; shown: number; total: number }
  searched: {
    streams: string[]
    events: number
    unindexed: number
    oldest: string | null
    newest: string | null
  }
  /** The exact number, when the question asked for one. */
  count: number | null
  /** The model that wrote the text; null for an extract. */
  model: string | null
  /** What the model wrote and no record proved. */
  struck: { part: string; reason: string }[]
  tookMs: number
}

export interface PlanReport {
  kind: Plan['kind']
  window: { from: string | null; to: string; label: string } | null
  services: string[]
  severities: string[]
  identifiers: string[]
  words: string[]
}

export type AskEvent =
  | { type: 'plan'; data: PlanReport }
  | { type: 'evidence'; data: Answer['evidence'] }
  | { type: 'text'; data: { delta: string } }

/**
 * Answers a question from what is indexed: plan, typed searches, evidence, then an extract of it or a model's text over
 * it, whose citations, numbers and names are checked against the records. `onEvent` hears of each stage as it is done.
 * A model that fails is replaced by the extract, and the answer says so.
 * Fails with `invalid_argument` or `not_found` (an unknown stream, with the known ones).
 */
export async function ask(
  deps: AskDeps,
  input: AskInput,
  onEvent: (event: AskEvent) => void = () => {},
): Promise<Answer> {
  const started = performance.now()
  const streams = (await listStreams(deps)).map((stream) => stream.name)
  if (input.stream !== undefined) requireStream(input.stream, streams)
  const services = await listServices(deps)
  const question = (await deps.redact?.(input.question)) ?? input.question
  const asked = planQuestion(question, {
    now: input.now ?? (await databaseNow(deps.pool)),
    timeZone: input.timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
    services,
    streams:
      input.stream !== undefined ? [input.stream] : namesStream(input.question) ? streams : [],
  })
  const named = await checkNames(deps, asked, services)
  const plan = await settleReading(deps, named, services)
  const planReport = reportPlan(plan)
  onEvent({ type: 'plan', data: planReport })
  const evidence = await gatherEvidence(deps, plan, {
    unindexed: (await deps.countUnindexed?.()) ?? 0,
    ...(input.signal ? { signal: input.signal } : {}),
  })
  const lines = citableItems(evidence).map(toLine)
  const shownEvidence = { items: lines, shown: evidence.shown, total: evidence.total }
  onEvent({ type: 'evidence', data: shownEvidence })
  const { citations, ...written } = await writeAnswer(deps, { plan, evidence }, input, (delta) =>
    onEvent({ type: 'text', data: { delta } }),
  )
  return {
    question: input.question,
    ...written,
    citations: citations.flatMap((n) => lines[n - 1] ?? []),
    plan: planReport,
    evidence: shownEvidence,
    searched: {
      streams: input.stream === undefined ? streams : [input.stream],
      events: evidence.searched.events,
      unindexed: evidence.searched.unindexed,
      oldest: evidence.searched.oldest?.toISOString() ?? null,
      newest: evidence.searched.newest?.toISOString() ?? null,
    },
    count: evidence.count?.exact ?? (plan.kind === 'count' ? 0 : null),
    tookMs: Math.round(performance.now() - started),
  }
}

/** "in stream audit": only then are the streams' names looked for in the question. */
function namesStream(question: string): boolean {
  return /\bstreams?\b/i.test(question)
}

function reportPlan(plan: Plan): PlanReport {
  const { range, filters } = plan
  return {
    kind: plan.kind,
    window: range
      ? {
          from: range.from?.toISOString() ?? null,
          to: range.to.toISOString(),
          label: range.label,
        }
      : null,
    services: [...filters.services],
    severities: severityNames
      .filter(
        (name) =>
          filters.minSeverity > 0 &&
          severityRange(name).max >= filters.minSeverity &&
          severityRange(name).min <= (filters.maxSeverity ?? severityRange(name).min),
      )
      .map((name) => name.toLowerCase()),
    identifiers: [...plan.identifiers],
    words: [...plan.words],
  }
}

function toLine(item: EvidenceItem, index: number): CitedLine {
  return {
    n: index + 1,
    citation: formatCitation(item.citation),
    at: item.at.toISOString(),
    service: item.service === '' ? null : item.service,
    severity: severityName(item.severity),
    text: item.text,
    count: item.count,
    first: item.first.toISOString(),
    last: item.last.toISOString(),
    patternId: item.patternId,
    score: Math.round(item.score * 1000) / 1000,
  }
}
