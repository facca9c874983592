import type { Command } from 'commander'
import { MillraceError } from '../../base/errors.ts'
import { parseShardName } from '../../log/shard-name.ts'
import { type SeekInput, seekPipeline } from '../../pipeline/operations/seek-pipeline.ts'
import type { Position } from '../../pipeline/operations/start-sequence.ts'
import { withSession } from '../session.ts'
import { toJson } from '../to-json.ts'
import { wholeBigint } from '../whole-number.ts'
import { anyPosition } from './position.ts'

interface SeekOptions {
  to?: Position
  stream?: string
  shard?: number
  sequence?: bigint
  json?: boolean
}

export function registerSeek(pipeline: Command): void {
  pipeline
    .command('seek <name>')
    .description('move a pipeline to another place; moved back, it does its work again')
    .option(
      '--to <position>',
      'TRIM_HORIZON, LATEST or a time: its first record is the next',
      anyPosition,
    )
    .option('--stream <stream>', 'only the shards of this stream')
    .option('--shard <shard>', 'only this one of its shards', parseShardName)
    .option(
      '--sequence <number>',
      'instead of --to: the record that is the next in that shard',
      wholeBigint,
    )
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Open windows of the shards are forgotten. Prints the last processed number of each shard, before and after.

Examples:
  millrace pipeline seek errors --to TRIM_HORIZON
  millrace pipeline seek errors --to 2026-11-23T10:00:00Z --stream logs
  millrace pipeline seek errors --stream logs --shard 0 --sequence 250745796541022208`,
    )
    .action((name: string, options: SeekOptions) =>
      withSession(async ({ pool }) => {
        const shards = await seekPipeline({ pool }, toInput(name, options))
        if (options.json) console.log(toJson({ name, shards }))
        else if (shards.length === 0) console.log(`pipeline ${name} has no shards yet`)
        else
          for (const { stream, shard, from, to } of shards)
            console.log(`${stream}/${shard}\t${from} -> ${to}`)
      }),
    )
}

function toInput(name: string, { to, stream, shard, sequence }: SeekOptions): SeekInput {
  if ((to === undefined) === (sequence === undefined))
    throw new MillraceError(
      'invalid_argument',
      `expected either --to or --sequence, got ${to === undefined ? 'neither' : 'both'}; such as --to TRIM_HORIZON`,
    )
  if (to !== undefined)
    return {
      name,
      to,
      ...(stream !== undefined && { stream }),
      ...(shard !== undefined && { shard }),
    }
  if (stream === undefined || shard === undefined || sequence === undefined)
    throw new MillraceError(
      'invalid_argument',
      'expected --stream and --shard beside --sequence: a number has its place in one shard only',
    )
  return { name, stream, shard, sequence }
}
