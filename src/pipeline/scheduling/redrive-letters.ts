import type { Pool, PoolClient } from 'pg'
import { MillraceError } from '../../base/errors.ts'
import type { Logger } from '../../base/logger.ts'
import { transaction } from '../../db/transaction.ts'
import type { LogRecord } from '../../log/read-records.ts'
import type { OpenPipeline } from '../batch/open-pipeline.ts'
import { prepareUnit } from '../batch/prepare-unit.ts'
import { toUnitError } from '../batch/step-error.ts'
import { tellSinks } from '../batch/tell-sinks.ts'
import { writeAll, writeMs } from '../batch/write-all.ts'
import { openBreaker } from './breaker.ts'
import { storableText } from './checkpoint.ts'
import type { LeaseKey } from './lease.ts'

/** How long a letter stays claimed when whoever tries it has died. Default 180,000 ms. */
const defaultClaimMs = 180_000
/** After an outage it is due again. */
const postponeMs = 5_000

/** The pipeline was paused, or the letter is another worker's; never leaves this file. */
const interrupted = new MillraceError('conflict', 'the letter is not ours any more')

interface ClaimedLetter {
  id: string
  redriveEpoch: number
  shardId: number
  stream: string
  shard: number
  record: LogRecord
}

/**
 * Tries again the dead letters of a pipeline that somebody asked to redrive; returns how many went through. Their effects
 * and their deletion are one transaction, so each takes effect once, out of its old order. A letter that fails again
 * stays, with its new error; in an outage it waits. Its window has a result of its own.
 *
 * Locks: the letter's row, at the claim and at the commit (then its shard's checkpoint, if anything was redacted), which compares the claim's epoch: whoever was late changes
 * nothing. Until the commit the claim is renewed: a crash leaves the letter due again after `claimMs`.
 */
export async function redriveLetters(
  deps: { pool: Pool; logger: Logger },
  pipeline: OpenPipeline,
  options: { signal: AbortSignal; revision?: number; claimMs?: number },
): Promise<number> {
  const { claimMs = defaultClaimMs } = options
  let done = 0
  while (!options.signal.aborted) {
    const letter = await claim(deps, pipeline.name, claimMs)
    if (!letter) break
    const outcome = await tryLetter(deps, pipeline, letter, { ...options, claimMs })
    if (outcome === 'outage') break
    if (outcome === 'done') done += 1
  }
  if (done > 0) deps.logger.info({ pipeline: pipeline.name, letters: done }, 'letters.redriven')
  return done
}

async function claim(
  deps: { pool: Pool },
  pipeline: string,
  claimMs: number,
): Promise<ClaimedLetter | null> {
  const { rows } = await deps.pool.query<
    Omit<ClaimedLetter, 'record'> & {
      seq: string
      partitionKey: string
      data: Buffer
      arrivedAt: Date
    }
  >(
    `with due as (
       select l.id, sh.number as shard, st.name as stream
         from millrace.dead_letter l
         join millrace.pipeline p on p.name = l.pipeline and p.state = 'running' and p.breaker = 'closed'
         join millrace.shard sh on sh.id = l.shard_id
         join millrace.stream st on st.id = sh.stream_id
        where l.pipeline = $1
          and l.redrive_at <= clock_timestamp()
        order by l.id
        limit 1
          for update of l skip locked)
     update millrace.dead_letter l
        set redrive_epoch = redrive_epoch + 1,
            redrive_at = clock_timestamp() + make_interval(secs => $2 / 1000.0)
       from due
      where l.id = due.id
     returning l.id, l.redrive_epoch as "redriveEpoch", l.shard_id as "shardId", due.stream, due.shard,
               l.seq, l.partition_key as "partitionKey", l.data,
               coalesce(l.arrived_at, l.created_at) as "arrivedAt"`,
    [pipeline, claimMs],
  )
  const row = rows[0]
  if (!row) return null
  const { seq, partitionKey, data, arrivedAt, ...letter } = row
  return { ...letter, record: { sequence: BigInt(seq), partitionKey, data, arrivedAt } }
}

/** Renews the claim of a letter while `work` goes on. One that fails shows at the commit, if another has claimed it. */
async function keepClaim<T>(
  deps: { pool: Pool },
  letter: ClaimedLetter,
  claimMs: number,
  work: () => Promise<T>,
): Promise<T> {
  const renew = async () => {
    await deps.pool.query(
      `update millrace.dead_letter
          set redrive_at = clock_timestamp() + make_interval(secs => $3 / 1000.0)
        where id = $1
          and redrive_epoch = $2`,
      [letter.id, letter.redriveEpoch, claimMs],
    )
  }
  let renewed = Promise.resolve()
  const renewing = setInterval(() => {
    renewed = renewed.then(renew).catch(() => undefined)
  }, claimMs / 3)
  try {
    return await work()
  } finally {
    clearInterval(renewing)
    // One that came after the failure was noted would mark the letter once more.
    await renewed
  }
}

async function tryLetter(
  deps: { pool: Pool; logger: Logger },
  pipeline: OpenPipeline,
  letter: ClaimedLetter,
  options: { signal: AbortSignal; revision?: number; claimMs: number },
): Promise<'done' | 'failed' | 'outage'> {
  const { signal, revision } = options
  const { stream, shard, shardId, record } = letter
  const place = { pipeline: pipeline.name, stream, shard }
  let sinkAtWork = ''
  try {
    const unit = { records: [record], closeUntil: Number.POSITIVE_INFINITY }
    const prepared = await keepClaim(deps, letter, options.claimMs, () =>
      prepareUnit(pipeline, unit, new Map(), {
        ...place,
        shardId,
        span: null,
        signal,
        countEmbedding: () => {},
        countRedactions: () => {},
      }),
    )
    if (prepared.cut) throw prepared.cut.error
    await transaction(
      deps.pool,
      async (client) => {
        // A pause, or another definition, comes wholly before, or waits for this commit.
        const { rowCount: running } = await client.query(
          `select
             from millrace.pipeline
            where name = $1
              and state = 'running'
              and ($2::int is null or revision = $2)
              for share`,
          [pipeline.name, revision ?? null],
        )
        if (running !== 1) throw interrupted
        const { rowCount } = await client.query(
          'delete from millrace.dead_letter where id = $1 and redrive_epoch = $2',
          [letter.id, letter.redriveEpoch],
        )
        if (rowCount !== 1) throw interrupted
        await addRedactions(client, { pipeline: pipeline.name, shardId }, prepared.redacted)
        const partial = await writeAll(client, prepared.writes, (sink) => {
          sinkAtWork = sink
        })
        if (partial)
          throw partial.failure.cause ?? new MillraceError('step_failed', partial.failure.reason)
      },
      { statementTimeoutMs: writeMs },
    )
    await tellSinks(deps, pipeline.sinks, { stream, shard, lease: { shardId } })
    return 'done'
  } catch (error) {
    if (signal.aborted || error === interrupted) return 'outage'
    const failure = toUnitError(error, { ...place, sink: sinkAtWork }, [record])
    await note(deps, letter, failure)
    if (!failure.retryable) return 'failed'
    if (!['conflict', 'database_unavailable'].includes(failure.code))
      await openBreaker(deps, pipeline.name, {
        reason: failure.message,
        askedMs: null,
        isProbe: false,
      })
    return 'outage'
  }
}

/**
 * Adds what was taken out of a letter's record to what the status says of its shard.
 *
 * Locks: the checkpoint's row, before any of the sinks', as a batch does.
 */
async function addRedactions(
  client: PoolClient,
  key: LeaseKey,
  redacted: Readonly<Record<string, number>>,
): Promise<void> {
  if (Object.keys(redacted).length === 0) return
  await client.query(
    `update millrace.checkpoint
        set redacted = (select jsonb_object_agg(rule, found)
                          from (select key as rule, sum(value::bigint) as found
                                  from (select * from jsonb_each_text(redacted)
                                         union all
                                        select * from jsonb_each_text($3)) as counted
                                 group by key) as sums)
      where pipeline = $1
        and shard_id = $2`,
    [key.pipeline, key.shardId, JSON.stringify(redacted)],
  )
}

/** What became of a try: an outage uses up no attempt, and the letter is due again after a while. */
async function note(
  deps: { pool: Pool; logger: Logger },
  letter: ClaimedLetter,
  failure: MillraceError,
): Promise<void> {
  const { retryable, code, message, details } = failure
  deps.logger.warn(
    { letter: letter.id, sequence: String(letter.record.sequence), code, error: message },
    retryable ? 'letter.waits' : 'letter.failed',
  )
  await deps.pool.query(
    `update millrace.dead_letter
        set error = $3,
            step = coalesce($4, step),
            attempts = attempts + case when $5 then 0 else 1 end,
            redrive_at = case when $5 then clock_timestamp() + make_interval(secs => $6 / 1000.0) end
      where id = $1
        and redrive_epoch = $2`,
    [
      letter.id,
      letter.redriveEpoch,
      storableText(message),
      typeof details.step === 'string' ? details.step : null,
      retryable,
      postponeMs,
    ],
  )
}
