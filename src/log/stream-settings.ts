import { z } from 'zod'
import { streamName } from './stream-name.ts'

/** What may be set of a stream, with the limits that the table has as constraints too. */
export const streamSettings = {
  name: z.string().regex(streamName, 'expected 1-128 letters, digits, "_", "." or "-"'),
  mode: z.enum(['on_demand', 'provisioned']),
  retentionHours: z.number().int().min(24).max(8760),
  maxRecordBytes: z.number().int().min(1_048_576).max(10_485_760),
  shardBytesPerSecond: z.number().int().min(1_024).max(2_147_483_647),
  shardRecordsPerSecond: z.number().int().min(1).max(2_147_483_647),
  limitReads: z.boolean(),
} as const

/** Shards a stream may have open: it is made, and scaled, in one transaction, whose locks must fit the server's table of them. */
export const maxShards = 500
