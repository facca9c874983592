import { type Command, InvalidArgumentError } from 'commander'
import { createStream } from '../log/create-stream.ts'
import { deleteStream } from '../log/delete-stream.ts'
import { describeStream } from '../log/describe-stream.ts'
import { listStreams } from '../log/list-streams.ts'
import { timeOfSequence } from '../log/sequence.ts'
import { withSession } from './session.ts'

/** Reads a whole number for commander. */
export function wholeNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError(`expected a whole number.`)
  return Number(text)
}

export function registerStream(program: Command): void {
  const command = program.command('stream').description('create, list, describe and delete streams')
  command
    .command('create <name>')
    .description('create a stream')
    .option('-s, --shards <count>', 'parallel ordered parts', wholeNumber, 1)
    .option(
      '-r, --retention-hours <hours>',
      'how long records are kept, 24 to 8760',
      wholeNumber,
      24,
    )
    .option('--max-record-bytes <bytes>', 'largest record, 1 to 10 MiB', wholeNumber, 1_048_576)
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExample:\n  millrace stream create logs --shards 4 --retention-hours 168',
    )
    .action(
      (
        name: string,
        options: { shards: number; retentionHours: number; maxRecordBytes: number; json?: boolean },
      ) =>
        withSession(async ({ pool }) => {
          const { json, ...input } = options
          await createStream({ pool }, { name, ...input })
          console.log(
            json
              ? JSON.stringify({ name, ...input })
              : `created stream ${name}: ${input.shards} shard(s), ${input.retentionHours} h`,
          )
        }),
    )
  command
    .command('list')
    .description('list streams')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  millrace stream list')
    .action((options: { json?: boolean }) =>
      withSession(async ({ pool }) => {
        const streams = await listStreams({ pool })
        if (options.json) console.log(JSON.stringify(streams))
        else if (streams.length === 0)
          console.log('no streams yet; create one with: millrace stream create logs')
        else
          for (const { name, openShards, retentionHours, mode } of streams)
            console.log(`${name}\t${openShards} shard(s)\t${retentionHours} h\t${mode}`)
      }),
    )
  command
    .command('describe <name>')
    .description('show a stream and its shards')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  millrace stream describe logs --json')
    .action((name: string, options: { json?: boolean }) =>
      withSession(async ({ pool }) => {
        const stream = await describeStream({ pool }, name)
        if (options.json) {
          console.log(
            JSON.stringify(stream, (_, value) =>
              typeof value === 'bigint' ? String(value) : value,
            ),
          )
          return
        }
        console.log(
          `${stream.name}: ${stream.mode}, ${stream.retentionHours} h, records up to ${stream.maxRecordBytes} bytes, since ${stream.createdAt.toISOString()}`,
        )
        for (const shard of stream.shards) {
          const parents = shard.parents.length > 0 ? ` from ${shard.parents.join('+')}` : ''
          console.log(
            `  shard ${shard.number}\t${shard.state}\thash ${shard.hashStart}..${shard.hashEnd}\tsince ${timeOfSequence(shard.createdSeq).toISOString()}${parents}`,
          )
        }
      }),
    )
  command
    .command('delete <name>')
    .description('delete a stream with its records and events')
    .addHelpText('after', '\nExample:\n  millrace stream delete old-logs')
    .action((name: string) =>
      withSession(async ({ pool }) => {
        await deleteStream({ pool }, name)
        console.log(`deleted stream ${name}`)
      }),
    )
}
