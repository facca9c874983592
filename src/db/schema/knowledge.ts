import { sql } from 'drizzle-orm'
import {
  bigint,
  check,
  index,
  integer,
  jsonb,
  primaryKey,
  smallint,
  text,
  timestamp,
} from 'drizzle-orm/pg-core'
import { millrace } from './log.ts'
import { bytea, halfvec, textArray, tsvector } from './types.ts'

/** What events of one shape, service and severity have in common. How many there are, and when: event_count. */
export const pattern = millrace.table(
  'pattern',
  {
    id: integer().primaryKey().generatedAlwaysAsIdentity(),
    service: text().notNull(),
    severity: smallint().notNull(),
    /** The shape, its differing tokens generalised to <*>. */
    template: text().notNull(),
    tokenCount: integer('token_count').notNull(),
    /** The first line seen, redacted. */
    example: text().notNull(),
    /** Grows when the template generalises. */
    version: integer().notNull().default(1),
    /** Service and template as plain words: paths, dotted and camel-case names taken apart. */
    words: text().notNull(),
    search: tsvector().notNull().generatedAlwaysAs(sql`to_tsvector('millrace.log', words)`),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
  },
  (table) => [
    index('pattern_candidate_idx').on(table.service, table.severity, table.tokenCount),
    index('pattern_search_idx').using('gin', table.search),
  ],
)

/** The hash of the key (service, severity, what its shapes share) that each pattern is found by. */
export const patternShape = millrace.table(
  'pattern_shape',
  {
    hash: bytea().primaryKey(),
    patternId: integer('pattern_id')
      .notNull()
      .references(() => pattern.id),
  },
  (table) => [index('pattern_shape_pattern_idx').on(table.patternId)],
)

/** A normalised, redacted log line. PARTITION BY RANGE (seq): by arrival, so that (shard_id, seq) is unique. */
export const event = millrace.table(
  'event',
  {
    shardId: integer('shard_id').notNull(),
    seq: bigint({ mode: 'bigint' }).notNull(),
    at: timestamp({ withTimezone: true }).notNull(),
    patternId: integer('pattern_id').notNull(),
    severity: smallint().notNull(),
    service: text().notNull(),
    host: text(),
    pod: text(),
    traceId: text('trace_id'),
    body: text().notNull(),
    attributes: jsonb(),
    /** The tokens that are not in the pattern: ids, addresses, names. Indexed exactly. */
    terms: textArray().notNull(),
  },
  (table) => [
    primaryKey({ name: 'event_pkey', columns: [table.shardId, table.seq] }),
    index('event_pattern_idx').on(table.patternId, table.at),
    index('event_at_idx').on(table.at),
    index('event_terms_idx').using('gin', table.terms),
  ],
)

/**
 * The events of a pattern and shard in a minute of their own time, written with them in one transaction: the exact sum of
 * what is in `event`, so that a count reads minutes instead of events. Fill factor 70, so that adding to a minute is HOT.
 */
export const eventCount = millrace.table(
  'event_count',
  {
    patternId: integer('pattern_id').notNull(),
    shardId: integer('shard_id').notNull(),
    minute: timestamp({ withTimezone: true }).notNull(),
    events: integer().notNull(),
    firstAt: timestamp('first_at', { withTimezone: true }).notNull(),
    lastAt: timestamp('last_at', { withTimezone: true }).notNull(),
  },
  (table) => [
    primaryKey({
      name: 'event_count_pkey',
      columns: [table.patternId, table.minute, table.shardId],
    }),
    index('event_count_minute_idx').on(table.minute),
  ],
)

/** The models whose vectors are here. A search names one: vectors of two models never meet. */
export const embeddingModel = millrace.table('embedding_model', {
  id: integer().primaryKey().generatedAlwaysAsIdentity(),
  name: text().notNull().unique('embedding_model_name_key'),
  dimensions: integer().notNull(),
})

/** Vectors by the hash of the text they were made of: a text is paid for once. */
export const embeddingCache = millrace.table(
  'embedding_cache',
  {
    modelId: integer('model_id')
      .notNull()
      .references(() => embeddingModel.id),
    contentHash: bytea('content_hash').notNull(),
    embedding: halfvec().notNull(),
    createdAt: timestamp('created_at', { withTimezone: true }).notNull().defaultNow(),
  },
  (table) => [
    primaryKey({ name: 'embedding_cache_pkey', columns: [table.modelId, table.contentHash] }),
    index('embedding_cache_created_idx').on(table.createdAt),
  ],
)

/** Texts that some process is embedding now: others wait for its vectors, or for the end of its claim. */
export const embeddingClaim = millrace.table(
  'embedding_claim',
  {
    modelId: integer('model_id')
      .notNull()
      .references(() => embeddingModel.id),
    contentHash: bytea('content_hash').notNull(),
    owner: text().notNull(),
    expiresAt: timestamp('expires_at', { withTimezone: true }).notNull(),
  },
  (table) => [
    primaryKey({ name: 'embedding_claim_pkey', columns: [table.modelId, table.contentHash] }),
  ],
)

/** A pattern's vector under a model; `version` is the pattern's version that was embedded. */
export const patternEmbedding = millrace.table(
  'pattern_embedding',
  {
    modelId: integer('model_id')
      .notNull()
      .references(() => embeddingModel.id),
    patternId: integer('pattern_id')
      .notNull()
      .references(() => pattern.id),
    version: integer().notNull(),
    embedding: halfvec().notNull(),
  },
  (table) => [
    primaryKey({ name: 'pattern_embedding_pkey', columns: [table.modelId, table.patternId] }),
    index('pattern_embedding_pattern_idx').on(table.patternId),
  ],
)

/** What is gone, one row. Both numbers only grow. */
export const retirement = millrace.table(
  'retirement',
  {
    id: integer().primaryKey().default(1),
    /** Events of smaller sequence numbers are gone, or about to be, and are never stored again. */
    eventSeq: bigint('event_seq', { mode: 'bigint' }).notNull().default(sql`0`),
    /** Grows whenever patterns are deleted: what a process knew of patterns before may name one that is gone. */
    patternEpoch: bigint('pattern_epoch', { mode: 'bigint' }).notNull().default(sql`0`),
  },
  (table) => [check('retirement_one_row', sql`${table.id} = 1`)],
)
