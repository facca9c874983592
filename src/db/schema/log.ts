import { sql } from 'drizzle-orm'
import {
  bigint,
  boolean,
  check,
  index,
  integer,
  jsonb,
  numeric,
  pgSchema,
  primaryKey,
  text,
  timestamp,
  unique,
} from 'drizzle-orm/pg-core'
import { bytea } from './types.ts'

export const millrace = pgSchema('millrace')

/** Named logs. */
export const stream = millrace.table(
  'stream',
  {
    id: integer().primaryKey().generatedAlwaysAsIdentity(),
    name: text().notNull().unique('stream_name_key'),
    mode: text({ enum: ['on_demand', 'provisioned'] })
      .notNull()
      .default('on_demand'),
    retentionHours: integer('retention_hours').notNull().default(24),
    maxRecordBytes: integer('max_record_bytes').notNull().default(1_048_576),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
    /** Numbers below this one stay hidden whatever the retention becomes: see millrace.horizon. */
    trimSeq: bigint('trim_seq', { mode: 'bigint' }).notNull().default(sql`0`),
    /** What a shard takes in a second before it refuses (provisioned) or counts as hot (on_demand); null: the mode's default. */
    shardBytesPerSecond: integer('shard_bytes_per_second'),
    shardRecordsPerSecond: integer('shard_records_per_second'),
    /** Whether shared reads of a shard are held to 2 MiB and 5 calls a second. */
    limitReads: boolean('limit_reads').notNull().default(false),
    tags: jsonb().$type<Record<string, string>>().notNull().default({}),
  },
  (table) => [
    check('stream_name_check', sql`${table.name} ~ '^[a-zA-Z0-9_.-]{1,128}$'`),
    check('stream_mode_check', sql`${table.mode} in ('on_demand', 'provisioned')`),
    check('stream_retention_check', sql`${table.retentionHours} between 24 and 8760`),
    check('stream_record_check', sql`${table.maxRecordBytes} between 1048576 and 10485760`),
    check('stream_bytes_rate_check', sql`${table.shardBytesPerSecond} >= 1024`),
    check('stream_records_rate_check', sql`${table.shardRecordsPerSecond} >= 1`),
    check('stream_tags_check', sql`jsonb_typeof(${table.tags}) = 'object'`),
  ],
)

/**
 * Ordered parts of a stream. Appends lock a shard's row and never update it; only closing it does.
 * The open shards of a stream tile the hash keys 0..2^128-1.
 */
export const shard = millrace.table(
  'shard',
  {
    id: integer().primaryKey().generatedAlwaysAsIdentity(),
    streamId: integer('stream_id')
      .notNull()
      .references(() => stream.id),
    number: integer().notNull(),
    state: text({ enum: ['open', 'closed'] })
      .notNull()
      .default('open'),
    hashStart: numeric('hash_start', { precision: 39, scale: 0, mode: 'bigint' }).notNull(),
    hashEnd: numeric('hash_end', { precision: 39, scale: 0, mode: 'bigint' }).notNull(),
    parents: integer().array().notNull().default(sql`'{}'`),
    /** No number of its own is smaller. */
    createdSeq: bigint('created_seq', { mode: 'bigint' }).notNull(),
    /** No number of its own is larger; its children's begin after it. Null while the shard is open. */
    closedSeq: bigint('closed_seq', { mode: 'bigint' }),
    /** What opened it; `hot`: its parent took more than an on-demand shard should. */
    origin: text({ enum: ['create', 'split', 'merge', 'scale', 'hot'] })
      .notNull()
      .default('create'),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
  },
  (table) => [
    unique('shard_number_key').on(table.streamId, table.number),
    check('shard_state_check', sql`${table.state} in ('open', 'closed')`),
    check(
      'shard_origin_check',
      sql`${table.origin} in ('create', 'split', 'merge', 'scale', 'hot')`,
    ),
    check(
      'shard_closed_check',
      sql`(${table.state} = 'closed') = (${table.closedSeq} is not null)`,
    ),
    check(
      'shard_hash_check',
      sql`${table.hashStart} between 0 and ${table.hashEnd} and ${table.hashEnd} < 340282366920938463463374607431768211456`,
    ),
  ],
)

/** The catalogue of a shard's partitions: the table that holds sequence numbers start_seq..end_seq-1. */
export const segment = millrace.table(
  'segment',
  {
    shardId: integer('shard_id')
      .notNull()
      .references(() => shard.id),
    startSeq: bigint('start_seq', { mode: 'bigint' }).notNull(),
    endSeq: bigint('end_seq', { mode: 'bigint' }).notNull(),
    tableName: text('table_name').notNull(),
    /** Set once, by the first append into it, under the shard's lock. */
    used: boolean().notNull().default(false),
  },
  (table) => [
    primaryKey({ name: 'segment_pkey', columns: [table.shardId, table.startSeq] }),
    // For a read's first leaf: by start_seq all older segments would be looked at, 2 ms for a thousand.
    index('segment_end_idx').on(table.shardId, table.endSeq).where(sql`${table.used}`),
    check('segment_bounds_check', sql`${table.startSeq} < ${table.endSeq}`),
  ],
)

/**
 * The records of one append to one shard, as one row. PARTITION BY LIST (shard_id), each shard
 * PARTITION BY RANGE (last_seq). Record i of a frame has the number first_seq + i.
 */
export const frame = millrace.table(
  'frame',
  {
    shardId: integer('shard_id').notNull(),
    firstSeq: bigint('first_seq', { mode: 'bigint' }).notNull(),
    lastSeq: bigint('last_seq', { mode: 'bigint' }).notNull(),
    /** The last number of the frame before this one, 0 for none: a reader's proof that it skipped nothing. */
    prevSeq: bigint('prev_seq', { mode: 'bigint' }).notNull(),
    bytes: integer().notNull(),
    arrivedAt: timestamp('arrived_at', { withTimezone: true }).notNull(),
    partitionKeys: text('partition_keys').array().notNull(),
    data: bytea().array().notNull(),
  },
  (table) => [primaryKey({ name: 'frame_pkey', columns: [table.shardId, table.lastSeq] })],
)

/** Named readers of a stream, whose reads are not held to the shared limits. */
export const consumer = millrace.table(
  'consumer',
  {
    streamId: integer('stream_id')
      .notNull()
      .references(() => stream.id),
    name: text().notNull(),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ name: 'consumer_pkey', columns: [table.streamId, table.name] }),
    check('consumer_name_check', sql`${table.name} ~ '^[a-zA-Z0-9_.-]{1,128}$'`),
  ],
)

/** The reads of the last seconds, of streams whose reads are limited; written by millrace.admit_read. */
export const readCall = millrace.table(
  'read_call',
  {
    id: bigint({ mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity(),
    shardId: integer('shard_id').notNull(),
    at: timestamp({ withTimezone: true }).notNull(),
    /** What the call returned; 0 until it has. */
    bytes: integer().notNull().default(0),
  },
  (table) => [index('read_call_shard_idx').on(table.shardId)],
)
