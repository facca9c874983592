import { isMillraceError } from '../../base/errors.ts'
import type { ResolvedOptions } from '../pipeline-options.ts'
import { storableText } from '../scheduling/checkpoint.ts'
import type { Sink } from '../sink.ts'
import { toStream } from '../sinks/to-stream.ts'

/** Why a pipeline gave a record up. */
type LetterCondition = 'retries_exhausted' | 'too_old'

/** What is kept of a record that was given up, beside the record itself. */
export interface Letter {
  pipeline: string
  stream: string
  shard: number
  condition: LetterCondition
  /** The step that failed; null when none did. */
  step: string | null
  error: string
  attempts: number
}

/** Where a pipeline's letters go, in the transaction that moves the checkpoint past their records. */
export function failureSink(onFailure: ResolvedOptions['onFailure']): Sink<Letter> {
  if (onFailure === 'discard')
    return { name: 'discard', open: () => ({ prepare: () => async () => {} }) }
  return onFailure === 'dead_letters' ? deadLetters : intoStream(onFailure.stream)
}

/** Keeps them in millrace.dead_letter, whole: the log itself forgets records with its retention. */
const deadLetters: Sink<Letter> = {
  name: 'dead letters',
  open: () => ({
    prepare:
      (letters, { pipeline, shardId, records }) =>
      async (client) => {
        await client.query(
          `insert into millrace.dead_letter
                (pipeline, shard_id, seq, partition_key, data, error, attempts, condition, step, arrived_at)
         select $1, $2, letter.*
           from unnest($3::bigint[], $4::text[], $5::bytea[], $6::text[], $7::int[], $8::text[],
                       $9::text[], $10::timestamptz[]) as letter`,
          [
            pipeline,
            shardId,
            records.map((record) => String(record.sequence)),
            records.map((record) => record.partitionKey),
            records.map((record) => record.data),
            letters.map((letter) => storableText(letter.error)),
            letters.map((letter) => letter.attempts),
            letters.map((letter) => letter.condition),
            letters.map((letter) => letter.step),
            records.map((record) => record.arrivedAt),
          ],
        )
      },
  }),
}

/** Puts them into a stream as JSON: where the record was, why it is here, and its bytes in base64. */
function intoStream(stream: string): Sink<Letter> {
  const target = toStream<Letter>({
    stream,
    data: (letter, record) => ({
      ...letter,
      sequence: String(record.sequence),
      partitionKey: record.partitionKey,
      arrivedAt: record.arrivedAt.toISOString(),
      data: record.data.toString('base64'),
    }),
  })
  return {
    name: `failures to ${stream}`,
    open: async (resources) => {
      const open = await target.open(resources)
      const kept = await deadLetters.open(resources)
      return {
        ...open,
        // What the stream cannot hold, in base64, must not be lost for it, nor hold its shard for ever.
        prepare: async (letters, context) => {
          try {
            return await open.prepare(letters, context)
          } catch (error) {
            if (!isMillraceError(error, 'limit_exceeded')) throw error
            return kept.prepare(letters, context)
          }
        },
      }
    },
  }
}
