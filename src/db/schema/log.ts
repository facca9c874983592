import { sql } from 'drizzle-orm'
import {
  bigint,
  boolean,
  check,
  integer,
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
  },
  (table) => [
    check('stream_name_check', sql`${table.name} ~ '^[a-zA-Z0-9_.-]{1,128}$'`),
    check('stream_mode_check', sql`${table.mode} in ('on_demand', 'provisioned')`),
    check('stream_retention_check', sql`${table.retentionHours} between 24 and 8760`),
    check('stream_record_check', sql`${table.maxRecordBytes} between 1048576 and 10485760`),
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
    createdSeq: bigint('created_seq', { mode: 'bigint' }).notNull(),
    closedSeq: bigint('closed_seq', { mode: 'bigint' }),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
  },
  (table) => [
    unique('shard_number_key').on(table.streamId, table.number),
    check('shard_state_check', sql`${table.state} in ('open', 'closed')`),
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
