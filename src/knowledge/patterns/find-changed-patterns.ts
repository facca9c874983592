import type { Pool } from 'pg'
import { countByWords, type PatternCount } from '../count-events.ts'
import type { SearchFilters } from '../evidence.ts'
import { bindTo, inStreams } from '../search-scope.ts'
import { countBuckets } from './count-buckets.ts'
import { compareCounts, judgeRate, type RateVerdict } from './judge-rate.ts'

export interface ChangedPattern extends PatternCount {
  /** Events a minute, before the window and in it. */
  baselineRate: number
  windowRate: number
  /** The second by the first; null where there was nothing before. */
  ratio: number | null
  /** How far the count is from the expected one, in standard deviations of chance alone. */
  deviations: number
  /** The minute of the window with the most events, and how many. */
  peakAt: Date
  peakCount: number
}

export interface FindChangedInput {
  /** Both ends of the window are needed. Its first minute counts whole. */
  filters: SearchFilters & { from: Date; to: Date }
  /** What the window is compared with reaches from here to where it begins. */
  baselineFrom: Date
  /** Which change is sought. */
  change: Exclude<RateVerdict['verdict'], 'usual'>
}

const minuteMs = 60_000
const dayMs = 86_400_000
/** A series is at most this long; its units are minutes unless the baseline is longer than four weeks. */
const maxUnits = 40_320
/** Series that are held at once. */
const batch = 100

/**
 * Patterns whose rate in the window is far above (`spiking`) or below (`dropping`) their own before it, by judgeRate, the
 * largest change first. A pattern's baseline begins with its first event, so that one which has none before the window is
 * new and not spiking; one without an event in the window has vanished and is not dropping.
 *
 * Reads: event_count for the counts of both spans, then by (pattern_id, minute) of those whose rates differ.
 */
export async function findChangedPatterns(
  deps: { pool: Pool },
  input: FindChangedInput,
  options: { limit: number },
): Promise<{ patterns: ChangedPattern[]; total: number }> {
  const { change } = input
  const span = spanOf(input)
  const filters = { ...input.filters, from: span.from }
  if (span.units <= 0) return { patterns: [], total: 0 }
  const inWindow = await countByWords(deps, { words: [], filters })
  const before = await countByWords(deps, {
    words: [],
    filters: { ...filters, from: span.start, to: span.from },
  })
  const known = new Map(before.map((pattern) => [pattern.patternId, pattern]))
  const differing = inWindow.filter(
    (pattern) => couldBe(pattern, known.get(pattern.patternId), span) === change,
  )
  const found: ChangedPattern[] = []
  for (let at = 0; at < differing.length; at += batch)
    found.push(...(await judgeBatch(deps, differing.slice(at, at + batch), { ...input, span })))
  found.sort((a, b) => Math.abs(b.deviations) - Math.abs(a.deviations) || a.patternId - b.patternId)
  return { patterns: found.slice(0, options.limit), total: found.length }
}

/**
 * The most that the counts of both spans allow: it saves reading the series of what goes on as ever. What is expected of a
 * pattern that begins in the baseline is at least that of the whole of it, and at most that since its first event there.
 */
function couldBe(
  { count }: PatternCount,
  earlier: PatternCount | undefined,
  { start, from, minutes }: Span,
): 'spiking' | 'dropping' | null {
  if (!earlier) return compareCounts(count, 0).change
  const since = (moment: Date) => (from.getTime() - moment.getTime()) / minuteMs
  const least = (earlier.count / since(start)) * minutes
  const most = (earlier.count / since(earlier.first)) * minutes
  return compareCounts(count, least).change === 'spiking'
    ? 'spiking'
    : compareCounts(count, most).change
}

interface Span {
  /** The baseline is `units` units of `unitMs` from here ... */
  start: Date
  /** ... to the minute in which the window begins. */
  from: Date
  unitMs: number
  units: number
  /** Minutes of the window. */
  minutes: number
}

function spanOf({ filters, baselineFrom }: FindChangedInput): Span {
  const from = Math.floor(filters.from.getTime() / minuteMs) * minuteMs
  const baseline = (from - baselineFrom.getTime()) / minuteMs
  const unitMs = Math.ceil(Math.max(1, baseline / maxUnits)) * minuteMs
  const units = Math.floor((baseline * minuteMs) / unitMs)
  const minutes = (filters.to.getTime() - from) / minuteMs
  return { start: new Date(from - units * unitMs), from: new Date(from), unitMs, units, minutes }
}

async function judgeBatch(
  deps: { pool: Pool },
  patterns: readonly PatternCount[],
  { filters, change, span }: FindChangedInput & { span: Span },
): Promise<ChangedPattern[]> {
  const patternIds = patterns.map((pattern) => pattern.patternId)
  const begun = await findFirst(deps, patternIds, filters.streams)
  const { streams, to } = filters
  const series = await countBuckets(deps, {
    patternIds,
    filters: { streams, from: span.start, to: span.from },
    bucketMs: span.unitMs,
  })
  const minutes = await countBuckets(deps, {
    patternIds,
    filters: { streams, from: span.from, to },
    bucketMs: minuteMs,
  })
  return patterns.flatMap((pattern) => {
    const { patternId, count } = pattern
    const first = begun.get(patternId)?.getTime() ?? 0
    const skipped = Math.floor((first - span.start.getTime()) / span.unitMs)
    const baseline = (series.get(patternId) ?? []).slice(Math.max(0, skipped))
    const length = (span.minutes * minuteMs) / span.unitMs
    const day = dayMs / span.unitMs
    const { verdict, expected, deviations } = judgeRate({ baseline, count, length, day })
    if (verdict !== change) return []
    const peak = (minutes.get(patternId) ?? []).reduce(
      (best, events, minute) => (events > best.events ? { events, minute } : best),
      { events: 0, minute: 0 },
    )
    return {
      ...pattern,
      baselineRate: expected / span.minutes,
      windowRate: count / span.minutes,
      ratio: expected > 0 ? count / expected : null,
      deviations,
      peakAt: new Date(span.from.getTime() + peak.minute * minuteMs),
      peakCount: peak.events,
    }
  })
}

/** The first event ever of each pattern in these streams. */
async function findFirst(
  deps: { pool: Pool },
  patternIds: readonly number[],
  streams: readonly string[],
): Promise<Map<number, Date>> {
  const values: unknown[] = []
  const bind = bindTo(values)
  const { rows } = await deps.pool.query<{ patternId: number; first: Date }>(
    `select wanted.id as "patternId", begun.first
       from unnest(${bind(patternIds)}::int[]) as wanted (id)
      cross join lateral (
            select c.first_at as first
              from millrace.event_count c
             where c.pattern_id = wanted.id
               and ${streams.length > 0 ? inStreams('c', streams, bind) : 'true'}
             order by c.minute, c.first_at
             limit 1) as begun`,
    values,
  )
  return new Map(rows.map(({ patternId, first }) => [patternId, first]))
}
