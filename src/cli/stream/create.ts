import { type Command, Option } from 'commander'
import { createStream } from '../../log/create-stream.ts'
import { withSession } from '../session.ts'
import { toJson } from '../to-json.ts'
import { wholeNumber } from '../whole-number.ts'
import { collectTag } from './tag-pair.ts'

interface CreateOptions {
  shards: number
  mode: 'on_demand' | 'provisioned'
  retentionHours: number
  maxRecordBytes: number
  shardBytesPerSecond?: number
  shardRecordsPerSecond?: number
  limitReads?: boolean
  tag?: Record<string, string>
  json?: boolean
}

export function registerCreate(stream: Command): void {
  stream
    .command('create <name>')
    .description('create a stream')
    .option('-s, --shards <count>', 'parallel ordered parts', wholeNumber, 1)
    .addOption(
      new Option(
        '-m, --mode <mode>',
        'on_demand takes what comes, provisioned refuses beyond rates',
      )
        .choices(['on_demand', 'provisioned'])
        .default('on_demand'),
    )
    .option(
      '-r, --retention-hours <hours>',
      'how long records are kept, 24 to 8760',
      wholeNumber,
      24,
    )
    .option('--max-record-bytes <bytes>', 'largest record, 1 to 10 MiB', wholeNumber, 1_048_576)
    .option('--shard-bytes-per-second <bytes>', "a shard's rate (default: the mode's)", wholeNumber)
    .option(
      '--shard-records-per-second <count>',
      "a shard's rate (default: the mode's)",
      wholeNumber,
    )
    .option('--limit-reads', 'hold reads of a shard to 2 MiB and 5 calls a second')
    .option('-t, --tag <key=value>', 'a tag; may be given several times', collectTag)
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Examples:
  millrace stream create logs --shards 4 --retention-hours 168
  millrace stream create orders --mode provisioned --shard-records-per-second 500 --tag team=shop`,
    )
    .action((name: string, { json, tag, ...settings }: CreateOptions) =>
      withSession(async ({ pool }) => {
        const input = { name, ...settings, ...(tag && { tags: tag }) }
        await createStream({ pool }, input)
        console.log(
          json
            ? toJson(input)
            : `created stream ${name}: ${input.shards} shard(s), ${input.retentionHours} h, ${input.mode}`,
        )
      }),
    )
}
