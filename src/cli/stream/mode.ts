import { Argument, type Command } from 'commander'
import { updateStreamMode } from '../../log/update-stream-mode.ts'
import { withSession } from '../session.ts'
import { wholeNumber } from '../whole-number.ts'

interface ModeOptions {
  shardBytesPerSecond?: number
  shardRecordsPerSecond?: number
  limitReads?: boolean
}

export function registerMode(stream: Command): void {
  stream
    .command('mode')
    .description("change a stream's mode, its shards' rates and whether its reads are limited")
    .argument('<name>')
    .addArgument(new Argument('<mode>').choices(['on_demand', 'provisioned']))
    .option('--shard-bytes-per-second <bytes>', "a shard's rate (default: the mode's)", wholeNumber)
    .option(
      '--shard-records-per-second <count>',
      "a shard's rate (default: the mode's)",
      wholeNumber,
    )
    .option('--limit-reads', 'hold reads of a shard to 2 MiB and 5 calls a second')
    .option('--no-limit-reads', 'do not (default: as it is)')
    .addHelpText(
      'after',
      `
Examples:
  millrace stream mode orders provisioned --shard-records-per-second 500 --limit-reads
  millrace stream mode orders on_demand`,
    )
    .action((name: string, mode: 'on_demand' | 'provisioned', options: ModeOptions) =>
      withSession(async ({ pool }) => {
        await updateStreamMode({ pool }, { stream: name, mode, ...options })
        console.log(`stream ${name} is ${mode}`)
      }),
    )
}
