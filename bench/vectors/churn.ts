import type { Pool } from 'pg'
import { transaction } from '../../src/db/transaction.ts'
import { toHalfvec } from '../../src/embed/halfvec.ts'
import { createEventSegments, type Event, insertEvents } from '../../src/knowledge/insert-events.ts'
import { sequenceAt } from '../../src/log/sequence.ts'
import { createRandom } from '../support/lines.ts'
import { createStatements, type Statement, templateOf } from './statements.ts'

export const dayMs = 86_400_000
const shardId = 1
/** Patterns that have events in every hour. */
export const lasting = 500
/** New patterns of an hour, of which so many differ from one of the hour before by a word or two. */
export const newAnHour = 300
const variantsAnHour = 90
/** Vectors stored in one statement, as a batch with so many new patterns does. */
const vectorsAtOnce = 100

interface Made extends Statement {
  id: number
}

/**
 * Arrivals, a simulated hour at a time. An hour stands for a day of arrival, because that is what retention takes away
 * at once: hour h is that many days before now, so the product's own retirement, with the right age, does the rest.
 */
export function createChurn(
  deps: {
    pool: Pool
    modelId: number
    vectorsOf: (statements: readonly Statement[]) => Promise<Float32Array[]>
  },
  options: { hours: number },
) {
  const { pool, modelId, vectorsOf } = deps
  const { hours } = options
  const random = createRandom(9)
  const int = (below: number) => Math.floor(random() * below)
  const statements = createStatements(random)
  const begun = Date.now()
  const always: Made[] = []
  const recent: Made[][] = []
  let lastId = 0

  const named = (statement: Statement): Made => {
    lastId += 1
    return { ...statement, id: lastId }
  }

  const store = async (made: readonly Made[], at: Date): Promise<number> => {
    const templates = made.map(templateOf)
    await pool.query(
      `insert into millrace.pattern (id, service, severity, template, token_count, example, words, created_at)
       overriding system value
       select id, service, severity, template, 8, template, template, $5
         from unnest($1::int[], $2::text[], $3::smallint[], $4::text[]) as made (id, service, severity, template)`,
      [
        made.map((one) => one.id),
        made.map((one) => one.service),
        made.map((one) => one.severity),
        templates,
        at,
      ],
    )
    const vectors = await vectorsOf(made.map(({ id: _, ...statement }) => statement))
    const started = performance.now()
    for (let from = 0; from < made.length; from += vectorsAtOnce) {
      const some = made.slice(from, from + vectorsAtOnce)
      await pool.query(
        `insert into millrace.pattern_embedding (model_id, pattern_id, version, embedding)
         select $1, id, 1, embedding::halfvec
           from unnest($2::int[], $3::text[]) as vector (id, embedding)`,
        [
          modelId,
          some.map((one) => one.id),
          vectors.slice(from, from + vectorsAtOnce).map((vector) => toHalfvec(vector)),
        ],
      )
    }
    return performance.now() - started
  }

  const write = async (said: readonly Made[], arrived: number): Promise<void> => {
    const events = said.map(
      (one, place): Event => ({
        sequence: sequenceAt(new Date(arrived)) + BigInt(place),
        at: new Date(arrived + int(3_600_000)),
        patternId: one.id,
        severity: one.severity,
        service: one.service,
        host: null,
        pod: null,
        traceId: null,
        body: templateOf(one),
        attributes: null,
        terms: [],
      }),
    )
    const [first, last] = [events[0], events.at(-1)]
    if (first && last) await createEventSegments({ pool })(first.sequence, last.sequence)
    for (let from = 0; from < events.length; from += 1_000)
      await transaction(pool, (client) =>
        insertEvents(client, shardId, events.slice(from, from + 1_000)),
      )
  }

  return {
    /** One hour's arrivals; returns how many milliseconds storing its vectors took. */
    arrive: async (hour: number): Promise<{ vectors: number; ms: number }> => {
      const arrived = begun - (hours - hour) * dayMs
      const isFirst = recent.length === 0
      if (isFirst)
        for (let index = 0; index < lasting; index += 1) always.push(named(statements.fresh()))
      const before = recent.at(-1) ?? always
      const made = Array.from({ length: newAnHour }, (_, index) => {
        const like = index < variantsAnHour ? before[int(before.length)] : undefined
        return named(like ? statements.variantOf(like) : statements.fresh())
      })
      const stored = isFirst ? [...always, ...made] : made
      const ms = await store(stored, new Date(arrived))
      // New ones are said several times, a tenth of those of the last hours again, the lasting ones always.
      const again = recent
        .slice(-6)
        .flat()
        .filter(() => random() < 0.1)
      await write([...made.flatMap((one) => [one, one, one, one]), ...again, ...always], arrived)
      recent.push(made)
      return { vectors: stored.length, ms }
    },
    /** The retention, in hours of the clock, that leaves the last `kept` hours at the end of `hour`. */
    retentionAt: (hour: number, kept: number) => ({
      retentionHours: (hours - hour + kept - 1) * 24,
    }),
  }
}
