import { sql } from 'drizzle-orm'
import {
  bigint,
  check,
  index,
  integer,
  json,
  jsonb,
  primaryKey,
  text,
  timestamp,
  uniqueIndex,
} from 'drizzle-orm/pg-core'
import { millrace, shard } from './log.ts'
import { bytea } from './types.ts'

const time = (name: string) => timestamp(name, { withTimezone: true })
const count = (name: string) => bigint(name, { mode: 'number' }).notNull().default(0)

/**
 * What workers know of a pipeline together: its definition as data, whether it may run, and its breaker. A replay is a
 * row of its own that runs the steps of the pipeline it names.
 */
export const pipeline = millrace.table(
  'pipeline',
  {
    name: text().primaryKey(),
    /** The definition without its functions; null until a worker has registered it. */
    definition: jsonb(),
    /** Grows with each definition that is registered in place of another. */
    revision: integer().notNull().default(1),
    /** The pipeline whose steps this one runs; null for one of its own. */
    replayOf: text('replay_of'),
    state: text().notNull().default('running'),
    /** A passing outage of what the steps depend on: nothing runs before `breakerUntil`, then one shard probes. */
    breaker: text().notNull().default('closed'),
    breakerUntil: time('breaker_until'),
    /** Outages in a row: the wait grows with them. */
    breakerFailures: integer('breaker_failures').notNull().default(0),
    breakerReason: text('breaker_reason'),
    /** When the outage began; null while the breaker is closed. */
    breakerSince: time('breaker_since'),
    createdAt: time('created_at').notNull().defaultNow(),
    updatedAt: time('updated_at').notNull().defaultNow(),
  },
  (table) => [
    check('pipeline_state_check', sql`${table.state} in ('running', 'paused')`),
    check('pipeline_breaker_check', sql`${table.breaker} in ('closed', 'open', 'half_open')`),
  ],
)

/** A process that works pipelines; one that was not seen for the length of a lease counts as dead. */
export const worker = millrace.table('worker', {
  id: text().primaryKey(),
  /** The names it can run, replays of them included. */
  pipelines: text().array().notNull(),
  /** Shards it works at the same time. */
  concurrency: integer().notNull(),
  startedAt: time('started_at').notNull().defaultNow(),
  seenAt: time('seen_at').notNull().defaultNow(),
})

/**
 * How far a pipeline has got in a shard, and who works it: the checkpoint and the lease are one row, so that
 * one compare-and-set proves both. `seq` is the last processed number, `epoch` grows with each lease.
 */
export const checkpoint = millrace.table(
  'checkpoint',
  {
    pipeline: text().notNull(),
    shardId: integer('shard_id')
      .notNull()
      .references(() => shard.id),
    seq: bigint({ mode: 'bigint' }).notNull(),
    epoch: bigint({ mode: 'bigint' }).notNull().default(sql`0`),
    owner: text(),
    leaseExpiresAt: time('lease_expires_at'),
    /** Failures in a row of the unit after `seq`; 0 when the last one went well. */
    failures: integer().notNull().default(0),
    /** The last number of the unit that failed: it is tried again with the same extent. */
    failedTo: bigint('failed_to', { mode: 'bigint' }),
    lastError: text('last_error'),
    lastErrorAt: time('last_error_at'),
    /** Not before this moment is the next attempt made. */
    retryAt: time('retry_at'),
    /** When it was last taken or moved: shards that wait get their turn by it. */
    updatedAt: time('updated_at').notNull().defaultNow(),
    /** Since the checkpoint was made: what was read past, and what became of it. */
    records: count('records'),
    batches: count('batches'),
    filtered: count('filtered'),
    dead: count('dead'),
    /** What its steps asked of an embedding provider, attempts that failed included. */
    embedRequests: count('embed_requests'),
    embedTokens: count('embed_tokens'),
    /** Secrets that its steps took out of the records it has passed, by rule. */
    redacted: jsonb().notNull().default({}),
    /** Records of the ten seconds that began at `rateAt`, and of the ten before: the rate without a history. */
    rateAt: time('rate_at'),
    rateRecords: integer('rate_records').notNull().default(0),
    rateBefore: integer('rate_before').notNull().default(0),
  },
  (table) => [
    primaryKey({ name: 'checkpoint_pkey', columns: [table.pipeline, table.shardId] }),
    check('checkpoint_failures_check', sql`${table.failures} >= 0`),
  ],
)

/** The state of a tumbling window that is still open; it moves with the checkpoint. */
export const windowState = millrace.table(
  'window_state',
  {
    pipeline: text().notNull(),
    shardId: integer('shard_id').notNull(),
    /** The place of the aggregate among the pipeline's steps. */
    step: integer().notNull(),
    startsAt: time('starts_at').notNull(),
    endsAt: time('ends_at').notNull(),
    /** Not jsonb, which refuses strings with U+0000. */
    state: json().notNull(),
  },
  (table) => [
    primaryKey({
      name: 'window_state_pkey',
      columns: [table.pipeline, table.shardId, table.step, table.startsAt],
    }),
  ],
)

/** Records a pipeline gave up on, kept whole: the log itself forgets them with its retention. */
export const deadLetter = millrace.table(
  'dead_letter',
  {
    id: bigint({ mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity(),
    pipeline: text().notNull(),
    shardId: integer('shard_id').notNull(),
    seq: bigint({ mode: 'bigint' }).notNull(),
    partitionKey: text('partition_key').notNull(),
    data: bytea().notNull(),
    error: text().notNull(),
    attempts: integer().notNull(),
    createdAt: time('created_at').notNull().defaultNow(),
    /** `retries_exhausted`, `too_old`: why it is here. */
    condition: text().notNull().default('retries_exhausted'),
    /** The step that failed; null when none did. */
    step: text(),
    /** When the record came in; null for letters of before this column. */
    arrivedAt: time('arrived_at'),
    /** Not null: to be tried again, from that moment on. Whoever tries it moves it on, so a crash only delays it. */
    redriveAt: time('redrive_at'),
    /** Grows with each such try, so that a late one cannot commit. */
    redriveEpoch: integer('redrive_epoch').notNull().default(0),
  },
  (table) => [index('dead_letter_pipeline').on(table.pipeline, table.id)],
)

/** Files that a pipeline has committed; a file in the folder that is not here is not part of the archive. */
export const archivedFile = millrace.table(
  'archived_file',
  {
    id: bigint({ mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity(),
    pipeline: text().notNull(),
    /** Which archive of the pipeline: its folder's own name. */
    archive: text().notNull(),
    shardId: integer('shard_id').notNull(),
    stream: text().notNull(),
    shard: integer().notNull(),
    /** Relative to the archive's folder, with `/`. */
    path: text().notNull(),
    firstSeq: bigint('first_seq', { mode: 'bigint' }).notNull(),
    lastSeq: bigint('last_seq', { mode: 'bigint' }).notNull(),
    records: integer().notNull(),
    bytes: bigint({ mode: 'number' }).notNull(),
    sha256: text().notNull(),
    firstAt: time('first_at').notNull(),
    lastAt: time('last_at').notNull(),
    createdAt: time('created_at').notNull().defaultNow(),
  },
  (table) => [uniqueIndex('archived_file_path').on(table.archive, table.path)],
)

/** What a database keeps about itself. `redaction_salt`: makes its placeholders no dictionary of anybody's secrets. */
export const setting = millrace.table('setting', {
  name: text().primaryKey(),
  value: text().notNull(),
})
