import type { Pool } from 'pg'
import { transaction } from '../../src/db/transaction.ts'
import { createEventSegments, type Event, insertEvents } from '../../src/knowledge/insert-events.ts'
import { maskBody } from '../../src/knowledge/mask.ts'
import { createPatternMatcher } from '../../src/knowledge/match-patterns.ts'
import { type LogRecord, readRecords } from '../../src/log/read-records.ts'
import { parseRecord } from '../../src/pipeline/steps/parse/parse-record.ts'
import { redactEvent } from '../../src/pipeline/steps/redact/redact-event.ts'
import { termsOf } from '../../src/pipeline/steps/terms.ts'

export const stageNames = ['read', 'parse', 'redact', 'mask', 'terms', 'match', 'insert'] as const
export type StageName = (typeof stageNames)[number]

/**
 * Wall time of each stage a line, in microseconds: the pipeline's own functions, one batch of 2,000 after the other and
 * one stage after the other, over what the shards hold. The events are written under shards that do not exist, so that
 * nothing is written twice.
 */
export async function measureStages(
  pool: Pool,
  options: { lines: number },
): Promise<Record<StageName, number>> {
  const spent = Object.fromEntries(stageNames.map((name) => [name, 0])) as Record<StageName, number>
  let mark = 0
  const done = (name: StageName) => {
    const now = performance.now()
    spent[name] += now - mark
    mark = now
  }
  const matcher = createPatternMatcher({ pool })
  // As the step has it: names come again with every line.
  const redaction = { salt: 'bench', cleanNames: new Set<string>() }
  const ensureSegments = createEventSegments({ pool })
  const { rows: shards } = await pool.query<{ id: number }>('select id from millrace.shard')
  let lines = 0
  for (const { id } of shards)
    for (let from = 0n; lines < (options.lines / shards.length) * id; ) {
      mark = performance.now()
      const { records, next } = await readRecords(
        { pool },
        { shardId: id, from, maxRecords: 2_000 },
      )
      if (records.length === 0) break
      done('read')
      const parsed = records.map(parseRecord)
      done('parse')
      const redacted = parsed.map((event) => redactEvent(event, redaction).event)
      done('redact')
      const masked = redacted.map((event) => maskBody(event.body))
      done('mask')
      const terms = redacted.map((event, index) => termsOf(event, masked[index]?.terms ?? []))
      done('terms')
      const { patternIds } = await matcher.match(
        redacted.map((event, index) => ({
          service: event.service ?? '',
          severity: event.severity,
          shape: masked[index]?.shape ?? '',
          example: event.body,
        })),
      )
      done('match')
      const events = redacted.map(
        (event, index): Event => ({
          ...event,
          ...place(records, index),
          service: event.service ?? '',
          patternId: patternIds[index] ?? 0,
          attributes: JSON.stringify(event.attributes),
          terms: terms[index] ?? [],
        }),
      )
      await ensureSegments(records[0]?.sequence ?? 0n, next)
      await transaction(pool, (client) =>
        insertEvents(client, 1_000_000 + id, events, { mayRepeat: false }),
      )
      done('insert')
      lines += records.length
      from = next
    }
  for (const name of stageNames) spent[name] = (spent[name] * 1_000) / lines
  return spent
}

function place(records: readonly LogRecord[], index: number) {
  return { sequence: records[index]?.sequence ?? 0n }
}
