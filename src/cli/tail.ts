import type { Command } from 'commander'
import { MillraceError } from '../base/errors.ts'
import { parseCitation } from '../log/citation.ts'
import { describeStream, type Shard, shardOf } from '../log/describe-stream.ts'
import { findTail } from '../log/find-tail.ts'
import { type LogRecord, readRecords } from '../log/read-records.ts'
import { subscribe } from '../log/subscribe.ts'
import { printRecord } from './print-record.ts'
import { type Session, withSession } from './session.ts'
import { wholeNumber } from './whole-number.ts'

interface TailOptions {
  at?: string
  around: number
  lines: number
  follow?: boolean
  json?: boolean
}

export function registerTail(program: Command): void {
  program
    .command('tail [stream]')
    .description('show the newest records of a stream, or the one that a citation names')
    .option('-n, --lines <count>', 'newest records to show', wholeNumber, 10)
    .option('-f, --follow', 'go on as records arrive, until Ctrl-C')
    .option('--at <citation>', 'show the record stream/shard/sequence')
    .option('--around <count>', 'with --at: records before and after it', wholeNumber, 0)
    .option('--json', 'print a JSON object a line')
    .addHelpText(
      'after',
      `
Examples:
  millrace tail logs -n 20 --follow
  millrace tail --at logs/0/250745796541022208 --around 3`,
    )
    .action((stream: string | undefined, options: TailOptions) =>
      withSession(async (session) => {
        if (options.at !== undefined) await showCited(session, options.at, options)
        else if (stream !== undefined) await showNewest(session, stream, options)
        else
          throw new MillraceError(
            'invalid_argument',
            'expected a stream, as in: millrace tail logs, or --at with a citation',
          )
      }),
    )
}

async function showCited(session: Session, text: string, options: TailOptions): Promise<void> {
  const citation = parseCitation(text)
  const stream = await describeStream(session, citation.stream)
  const shard = shardOf(stream, citation.shard)
  const place = { stream: stream.name, shard: shard.number }
  const around = options.around
  // Numbers have gaps between frames, so the records before are found among the newest up to the citation.
  const from =
    around > 0 ? await findBefore(session, shard, citation.sequence, around) : citation.sequence
  const { records } = await readRecords(session, {
    shardId: shard.id,
    from,
    maxRecords: around * 2 + 1,
  })
  if (!records.some((record) => record.sequence === citation.sequence))
    throw new MillraceError(
      'not_found',
      `no record ${text}: its stream keeps ${stream.retentionHours} h, and numbers have gaps`,
    )
  for (const record of records) printRecord(place, record, options)
}

async function findBefore(
  session: Session,
  shard: Shard,
  sequence: bigint,
  count: number,
): Promise<bigint> {
  return (
    (await findTail(session, { shardId: shard.id, count: count + 1, upTo: sequence })) ?? sequence
  )
}

async function showNewest(session: Session, name: string, options: TailOptions): Promise<void> {
  const stream = await describeStream(session, name)
  // By shard number; null for a shard that was closed and shown to its end.
  const positions = new Map<number, bigint | null>()
  const newest: { shard: number; record: LogRecord }[] = []
  for (const { id: shardId, number: shard } of stream.shards) {
    const from = await findTail(session, { shardId, count: Math.max(1, options.lines) })
    positions.set(shard, from ?? 0n)
    if (from === null) continue
    for (let next = from; ; ) {
      const read = await readRecords(session, { shardId, from: next })
      for (const record of read.records) newest.push({ shard, record })
      next = read.next
      const isAtEnd = read.records.length === 0
      positions.set(shard, isAtEnd && read.closed ? null : next)
      if (isAtEnd) break
    }
  }
  newest.sort((a, b) => (a.record.sequence < b.record.sequence ? -1 : 1))
  const shown = options.lines === 0 ? [] : newest.slice(-options.lines)
  for (const { shard, record } of shown) printRecord({ stream: name, shard }, record, options)
  if (options.follow) await follow(session, name, positions, options)
}

/** Goes on where the newest records ended, through splits and merges, until Ctrl-C. */
async function follow(
  session: Session,
  stream: string,
  positions: ReadonlyMap<number, bigint | null>,
  options: TailOptions,
): Promise<void> {
  const { signal } = session
  const startingPosition = { type: 'POSITIONS', positions } as const
  for await (const { shard, records } of subscribe(
    session,
    { stream, startingPosition },
    { signal },
  ))
    for (const record of records) printRecord({ stream, shard }, record, options)
  if (!signal.aborted) process.stderr.write(`stream "${stream}" was deleted\n`)
}
