import type { Command } from 'commander'
import { registerConsumers } from './stream/consumers.ts'
import { registerCreate } from './stream/create.ts'
import { registerDelete } from './stream/delete.ts'
import { registerDescribe } from './stream/describe.ts'
import { registerGet } from './stream/get.ts'
import { registerIterator } from './stream/iterator.ts'
import { registerList } from './stream/list.ts'
import { registerMode } from './stream/mode.ts'
import { registerPut } from './stream/put.ts'
import { registerRetention } from './stream/retention.ts'
import { registerScale } from './stream/scale.ts'
import { registerShards } from './stream/shards.ts'
import { registerSplitAndMerge } from './stream/split-merge.ts'
import { registerStats } from './stream/stats.ts'
import { registerTags } from './stream/tags.ts'

export function registerStream(program: Command): void {
  const stream = program
    .command('stream')
    .description("manage streams, and use the log as Amazon Kinesis' operations do")
    .addHelpText(
      'after',
      `
A shard is named by its number or as Amazon Kinesis does: 3 or shardId-000000000003.

Examples:
  millrace stream create logs --shards 4
  millrace stream describe logs`,
    )
  for (const register of [
    registerCreate,
    registerList,
    registerDescribe,
    registerDelete,
    registerStats,
    registerShards,
    registerSplitAndMerge,
    registerScale,
    registerMode,
    registerRetention,
    registerTags,
    registerPut,
    registerIterator,
    registerGet,
    registerConsumers,
  ])
    register(stream)
}
