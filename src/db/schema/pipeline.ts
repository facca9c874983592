import { sql } from 'drizzle-orm'
import { bigint, check, integer, primaryKey, text, timestamp } from 'drizzle-orm/pg-core'
import { millrace, shard } from './log.ts'
import { bytea } from './types.ts'

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
    leaseExpiresAt: timestamp('lease_expires_at', { withTimezone: true }),
    /** Failures in a row of the batch after `seq`; 0 when the last one went well. */
    failures: integer().notNull().default(0),
    lastError: text('last_error'),
    /** Not before this moment is the next attempt made. */
    retryAt: timestamp('retry_at', { withTimezone: true }),
    updatedAt: timestamp('updated_at', { withTimezone: true }).notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ name: 'checkpoint_pkey', columns: [table.pipeline, table.shardId] }),
    check('checkpoint_failures_check', sql`${table.failures} >= 0`),
  ],
)

/** Records a pipeline gave up on, kept whole: the log itself forgets them with its retention. */
export const deadLetter = millrace.table('dead_letter', {
  id: bigint({ mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity(),
  pipeline: text().notNull(),
  shardId: integer('shard_id').notNull(),
  seq: bigint({ mode: 'bigint' }).notNull(),
  partitionKey: text('partition_key').notNull(),
  data: bytea().notNull(),
  error: text().notNull(),
  attempts: integer().notNull(),
  createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
})

/** What a database keeps about itself. `redaction_salt`: makes its placeholders no dictionary of anybody's secrets. */
export const setting = millrace.table('setting', {
  name: text().primaryKey(),
  value: text().notNull(),
})
