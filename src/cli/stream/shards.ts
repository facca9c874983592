import { type Command, Option } from 'commander'
import { MillraceError } from '../../base/errors.ts'
import { type ListShardsInput, listShards, type ShardFilter } from '../../log/list-shards.ts'
import { parseShardName } from '../../log/shard-name.ts'
import { isoTime } from '../iso-time.ts'
import { withSession } from '../session.ts'
import { toJson } from '../to-json.ts'
import { wholeNumber } from '../whole-number.ts'
import { formatShard } from './format-shard.ts'

interface ShardsOptions {
  filter: ShardFilter['type']
  timestamp?: Date
  after?: number
  maxResults?: number
  json?: boolean
}

export function registerShards(stream: Command): void {
  stream
    .command('shards <name>')
    .description('list the shards of a stream, by number')
    .addOption(
      new Option('-f, --filter <type>', 'which of those that are kept')
        .choices([
          'AFTER_SHARD_ID',
          'AT_TRIM_HORIZON',
          'FROM_TRIM_HORIZON',
          'AT_LATEST',
          'AT_TIMESTAMP',
          'FROM_TIMESTAMP',
        ])
        .default('FROM_TRIM_HORIZON'),
    )
    .option('--timestamp <time>', 'the moment of AT_TIMESTAMP and FROM_TIMESTAMP', isoTime)
    .option('--after <shard>', 'only shards with a greater number', parseShardName)
    .option('--max-results <count>', 'at most so many (default: 1000)', wholeNumber)
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Examples:
  millrace stream shards logs --filter AT_LATEST
  millrace stream shards logs --filter FROM_TIMESTAMP --timestamp 2026-11-23T10:00:00Z
  millrace stream shards logs --after shardId-000000000999`,
    )
    .action((name: string, options: ShardsOptions) =>
      withSession(async ({ pool }) => {
        const found = await listShards({ pool }, toInput(name, options))
        if (options.json) {
          console.log(toJson(found))
          return
        }
        for (const shard of found.shards) console.log(formatShard(shard))
        if (found.hasMoreShards)
          process.stderr.write(`there are more: add --after ${found.shards.at(-1)?.number}\n`)
      }),
    )
}

function toInput(stream: string, options: ShardsOptions): ListShardsInput {
  const { after, maxResults } = options
  return {
    stream,
    filter: toFilter(options),
    ...(after !== undefined && { exclusiveStartShard: after }),
    ...(maxResults !== undefined && { maxResults }),
  }
}

function toFilter({ filter: type, timestamp, after }: ShardsOptions): ShardFilter {
  const isTimed = type === 'AT_TIMESTAMP' || type === 'FROM_TIMESTAMP'
  if (!isTimed && timestamp !== undefined)
    throw new MillraceError(
      'invalid_argument',
      `expected --timestamp with the filters AT_TIMESTAMP and FROM_TIMESTAMP only, got it with ${type}`,
    )
  if (isTimed) {
    if (timestamp === undefined)
      throw new MillraceError(
        'invalid_argument',
        `expected --timestamp with the filter ${type}, such as --timestamp 2026-11-23T10:00:00Z`,
      )
    return { type, timestamp }
  }
  if (type === 'AFTER_SHARD_ID') {
    if (after === undefined)
      throw new MillraceError(
        'invalid_argument',
        'expected --after with the filter AFTER_SHARD_ID, such as --after 3',
      )
    return { type, shard: after }
  }
  return { type }
}
