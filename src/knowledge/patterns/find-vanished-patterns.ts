import type { Pool } from 'pg'
import type { PatternCount } from '../count-events.ts'
import type { SearchFilters } from '../evidence.ts'
import { bindTo, inStreams, patternAllowed } from '../search-scope.ts'

export interface VanishedPattern extends PatternCount {
  /** The longest silence between two of its minutes, and the mean one, while it still came. */
  longestGapMs: number
  meanGapMs: number
  /** When its silence became longer than its rhythm explains. */
  missedSince: Date
}

export interface FindVanishedInput {
  /** Both ends of the window are needed. */
  filters: SearchFilters & { from: Date; to: Date }
  /** From when on its rhythm is looked at. */
  baselineFrom: Date
}

/** A rhythm is known from this many minutes with events before the window. */
const minMinutes = 5
/** Silence is longer than a rhythm explains after this many of its longest gaps ... */
const longestGaps = 2
/** ... and this many standard deviations of its gaps beyond the mean one: 7 mean gaps where they are exponential (0.1 %). */
const deviations = 6

/**
 * Patterns that came regularly before the window and whose silence became too long inside it, the latest first: too long
 * against their own gaps, so that what comes once an hour is missed after two hours, and what comes every minute after two
 * minutes. What was missed before the window began is not told again. Counts are of the baseline and the window.
 *
 * Reads: event_count by (minute), then by (pattern_id, minute) of those that were silent at the end.
 */
export async function findVanishedPatterns(
  deps: { pool: Pool },
  input: FindVanishedInput,
  options: { limit: number },
): Promise<{ patterns: VanishedPattern[]; total: number }> {
  const { filters, baselineFrom } = input
  const values: unknown[] = []
  const bind = bindTo(values)
  const at = (moment: Date) => `${bind(moment)}::timestamptz`
  const [start, from, to] = [at(baselineFrom), at(filters.from), at(filters.to)]
  // Up to the end of the window's last minute: who has events in it is not silent.
  const counted = `c.minute >= ${start} and c.minute < ${to}
               and ${filters.streams.length > 0 ? inStreams('c', filters.streams, bind) : 'true'}`
  const { rows } = await deps.pool.query<VanishedPattern & { total: number }>(
    `with silent as materialized (
       select c.pattern_id
         from millrace.event_count c
        where ${counted}
        group by c.pattern_id
       having count(*) >= ${minMinutes}
          -- The gaps of this few rows cannot be so uneven that the silence was in order for longer than this.
          and max(c.last_at) >= ${from} - 4 * (max(c.last_at) - min(c.first_at))
          and max(c.last_at) + ${longestGaps} * (max(c.last_at) - min(c.first_at)) / count(*) <= ${to}
     ),
     minutes as (
       select c.pattern_id, c.minute,
              sum(c.events) as events, min(c.first_at) as first_at, max(c.last_at) as last_at
         from silent
         join millrace.event_count c on c.pattern_id = silent.pattern_id
        where ${counted}
        group by c.pattern_id, c.minute
     ),
     gaps as (
       select m.*,
              extract(epoch from m.minute - lag(m.minute) over (partition by m.pattern_id order by m.minute)) as gap
         from minutes m
     ),
     rhythm as (
       select g.pattern_id,
              sum(g.events)::int as count,
              min(g.first_at) as first,
              max(g.last_at) as last,
              max(g.gap) as longest,
              avg(g.gap) as mean,
              greatest(${longestGaps} * max(g.gap), avg(g.gap) + ${deviations} * stddev_samp(g.gap)) as patience
         from gaps g
        group by g.pattern_id
       having count(*) filter (where g.minute < ${from}) >= ${minMinutes}
     ),
     missed as (
       select r.*, r.last + make_interval(secs => r.patience::double precision) as since
         from rhythm r
     )
     select p.id as "patternId", p.service, p.severity, p.template,
            v.count, v.first, v.last,
            round(v.longest * 1000)::float8 as "longestGapMs",
            round(v.mean * 1000)::float8 as "meanGapMs",
            v.since as "missedSince",
            (count(*) over ())::int as total
       from missed v
       join millrace.pattern p on p.id = v.pattern_id
      where v.since > ${from}
        and v.since <= ${to}
        and ${patternAllowed(filters, bind)}
      order by v.last desc, p.id
      limit ${bind(options.limit)}`,
    values,
  )
  const patterns = rows.map(({ total: _, ...pattern }) => pattern)
  return { patterns, total: rows[0]?.total ?? 0 }
}
