import type { Command } from 'commander'
import { mergeShards } from '../../log/merge-shards.ts'
import { parseShardName } from '../../log/shard-name.ts'
import { splitShard } from '../../log/split-shard.ts'
import { withSession } from '../session.ts'
import { toJson } from '../to-json.ts'
import { wholeBigint } from '../whole-number.ts'
import { formatReshard } from './format-reshard.ts'

export function registerSplitAndMerge(stream: Command): void {
  stream
    .command('split')
    .description('split an open shard in two')
    .argument('<name>')
    .argument('<shard>', 'such as 3 or shardId-000000000003', parseShardName)
    .option(
      '--at <hash key>',
      "where the second one's hash keys begin (default: the middle)",
      wholeBigint,
    )
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  millrace stream split logs 0')
    .action((name: string, shard: number, options: { at?: bigint; json?: boolean }) =>
      withSession(async ({ pool }) => {
        const done = await splitShard(
          { pool },
          { stream: name, shard, newStartingHashKey: options.at },
        )
        console.log(options.json ? toJson(done) : formatReshard(done))
      }),
    )
  stream
    .command('merge')
    .description('merge two open shards whose hash keys are adjacent, in the order of these')
    .argument('<name>')
    .argument('<shard>', 'such as 3 or shardId-000000000003', parseShardName)
    .argument('<adjacent>', 'the one whose hash keys begin where the first ends', parseShardName)
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  millrace stream merge logs 1 2')
    .action((name: string, shard: number, adjacentShard: number, options: { json?: boolean }) =>
      withSession(async ({ pool }) => {
        const done = await mergeShards({ pool }, { stream: name, shard, adjacentShard })
        console.log(options.json ? toJson(done) : formatReshard(done))
      }),
    )
}
