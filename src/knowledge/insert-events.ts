import type { Pool, PoolClient } from 'pg'
import { MillraceError } from '../base/errors.ts'
import {
  encodeFloat8Array,
  encodeInt4Array,
  encodeInt8Array,
  encodeTextArray,
} from '../db/binary-array.ts'
import { sqlStateOf } from '../db/sqlstate.ts'
import { minuteOf } from './counted-events.ts'
import { takeBackEvents } from './take-back-events.ts'

/** A normalised, redacted log line, as it is stored. */
export interface Event {
  sequence: bigint
  /** The whole of an event that may be stored already, shorter: it takes that one's place. */
  isLonger?: boolean
  at: Date
  patternId: number
  /** OTel severity number, 0 for unknown. */
  severity: number
  /** Empty for unknown. */
  service: string
  host: string | null
  pod: string | null
  traceId: string | null
  body: string
  /** JSON text, or null. */
  attributes: string | null
  /** Lower-case tokens that are not in the pattern. */
  terms: readonly string[]
}

/** Joins an event's terms on their way to the server; a term that holds this control character is left out. */
const separator = '\u001f'

/**
 * Writes the events of one shard and counts them, in the transaction of the batch they came from. Running it again changes
 * nothing: what is counted is what was really inserted. An event that `isLonger` takes the place of the shorter one. Events
 * that arrived before the retention's horizon (a backlog of weeks, a replay) are left out. Fails with `conflict`
 * (retryable) when an event's pattern has been retired since it was matched: whoever matches it again finds or makes
 * another. With `mayRepeat: false` (areEventsStored was asked) also when one of the events was stored since.
 *
 * Writes: event, event_count, one statement (more where something is replaced: see take-back-events.ts). Reads: retirement, pattern.
 * Locks: the rows of the minutes counted, to the end of the batch; they are this shard's alone, for its worker and a replay's.
 * Order: (shard_id, seq) is unique, so an event can be there once; the minutes are taken in the order of their key all the
 * same, so that a worker that lost its lease only waits. The statement's lock on `event` is there before its snapshot: what
 * was retired (see retire/) is seen, or waits for us.
 */
export async function insertEvents(
  client: PoolClient,
  shardId: number,
  events: readonly Event[],
  options: { mayRepeat: boolean } = { mayRepeat: true },
): Promise<void> {
  if (events.length === 0) return
  const longer = events.filter((event) => event.isLonger)
  if (longer.length > 0) await takeBackEvents(client, shardId, longer)
  const { mayRepeat } = options
  const { rows } = await client
    .query<{ gone: number }>({
      name: mayRepeat ? 'millrace.insert_missing_events' : 'millrace.insert_events',
      text: insertStatement(mayRepeat ? 'on conflict do nothing' : ''),
      values: [
        shardId,
        encodeInt8Array(events.map((event) => event.sequence)),
        encodeFloat8Array(events.map((event) => event.at.getTime())),
        encodeInt4Array(events.map((event) => event.patternId)),
        encodeInt4Array(events.map((event) => event.severity)),
        encodeTextArray(events.map((event) => event.service)),
        encodeTextArray(events.map((event) => event.host ?? '')),
        encodeTextArray(events.map((event) => event.pod ?? '')),
        encodeTextArray(events.map((event) => event.traceId ?? '')),
        encodeTextArray(events.map((event) => event.body)),
        encodeTextArray(events.map((event) => event.attributes ?? '')),
        encodeTextArray(
          events.map((event) =>
            event.terms.filter((term) => !term.includes(separator)).join(separator),
          ),
        ),
      ],
    })
    .catch((error: unknown) => {
      if (sqlStateOf(error) !== '23505') throw error
      throw new MillraceError(
        'conflict',
        `events of shard ${shardId} were written meanwhile, as by a replay beside this pipeline; work the batch again`,
        { retryable: true, cause: error },
      )
    })
  const gone = rows[0]?.gone ?? 0
  if (gone > 0)
    throw new MillraceError(
      'conflict',
      `expected the patterns of a batch to be there, and ${gone} were retired since they were matched; work the batch again`,
      { retryable: true },
    )
}

/**
 * Whether the shard has an event between the lowest and the highest number of a batch: asked once a batch instead of for each event, which
 * takes 3 us of 20, and only a replay or a seek ever finds one. Ask before the batch's transaction: a read locks every
 * day's table, and one that is being retired would wait for the transaction while that waits for its counts.
 */
export async function areEventsStored(
  deps: { pool: Pool },
  shardId: number,
  [low, high]: readonly [bigint, bigint],
): Promise<boolean> {
  const { rows } = await deps.pool.query<{ stored: boolean }>({
    name: 'millrace.are_events_stored',
    text: `
      select exists (
             select
               from millrace.event
              where shard_id = $1
                and seq between $2 and $3) as stored`,
    values: [shardId, String(low), String(high)],
  })
  return rows[0]?.stored ?? true
}

/** What inserts and counts; the number of patterns that are gone comes back. */
function insertStatement(onConflict: '' | 'on conflict do nothing'): string {
  return `
      with inserted as (
      insert into millrace.event
             (shard_id, seq, at, pattern_id, severity, service, host, pod, trace_id, body, attributes, terms)
      select $1::int, seq, to_timestamp(at_ms / 1000), pattern_id, severity, service,
             nullif(host, ''), nullif(pod, ''), nullif(trace_id, ''), body, nullif(attributes, '')::jsonb,
             string_to_array(terms, E'\\u001f')
        from unnest($2::bigint[], $3::float8[], $4::int[], $5::int[], $6::text[], $7::text[],
                    $8::text[], $9::text[], $10::text[], $11::text[], $12::text[])
          as line (seq, at_ms, pattern_id, severity, service, host, pod, trace_id, body, attributes, terms)
       where seq >= coalesce((select event_seq from millrace.retirement), 0)
             ${onConflict}
      returning pattern_id, at),
      counted as (
      insert into millrace.event_count as counted
             (pattern_id, minute, shard_id, events, first_at, last_at)
      select pattern_id, ${minuteOf('at')} as minute, $1::int, count(*), min(at), max(at)
        from inserted
       group by pattern_id, minute
       order by pattern_id, minute
          on conflict (pattern_id, minute, shard_id) do update
         set events = counted.events + excluded.events,
             first_at = least(counted.first_at, excluded.first_at),
             last_at = greatest(counted.last_at, excluded.last_at))
      select count(*)::int as gone
        from (select distinct pattern_id from inserted) as used
       where not exists (select from millrace.pattern p where p.id = used.pattern_id)`
}

/** The sequence numbers of a day, which is what a segment of the event table spans. */
const daySpan = 86_400_000n << 22n

/** Creates the event table's segments that these numbers need, if not retired; call it before the batch's transaction. */
export function createEventSegments(deps: {
  pool: Pool
}): (from: bigint, to: bigint) => Promise<void> {
  const covered = new Set<bigint>()
  return async (from, to) => {
    const days: bigint[] = []
    for (let day = from / daySpan; day <= to / daySpan; day += 1n) days.push(day)
    if (days.every((day) => covered.has(day))) return
    await deps.pool.query(
      `select millrace.ensure_event_segments(greatest($1::bigint, event_seq), $2::bigint)
         from (select coalesce(max(event_seq), 0) as event_seq from millrace.retirement) as horizon
        where event_seq <= $2::bigint`,
      [String(from), String(to)],
    )
    for (const day of days) covered.add(day)
  }
}
