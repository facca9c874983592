import type { Command } from 'commander'
import { wait } from '../base/backoff.ts'
import { MillraceError } from '../base/errors.ts'
import { formatCitation, parseCitation } from '../log/citation.ts'
import { describeStream, type Shard, type Stream, shardOf } from '../log/describe-stream.ts'
import { findTail } from '../log/find-tail.ts'
import { type LogRecord, readRecords } from '../log/read-records.ts'
import { type Session, withSession } from './session.ts'
import { wholeNumber } from './stream.ts'

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

function print(
  place: { stream: string; shard: number },
  record: LogRecord,
  options: TailOptions,
): void {
  const citation = formatCitation({ ...place, sequence: record.sequence })
  const text = record.data.toString('utf8')
  console.log(
    options.json
      ? JSON.stringify({
          citation,
          arrivedAt: record.arrivedAt.toISOString(),
          partitionKey: record.partitionKey,
          data: text,
        })
      : `${citation}\t${record.arrivedAt.toISOString()}\t${text}`,
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
  for (const record of records) print(place, record, options)
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
  const positions = new Map<Shard, bigint>()
  const newest: { shard: Shard; record: LogRecord }[] = []
  for (const shard of stream.shards) {
    const from = await findTail(session, { shardId: shard.id, count: Math.max(1, options.lines) })
    positions.set(shard, from ?? 0n)
    if (from === null) continue
    for (let next = from; ; ) {
      const read = await readRecords(session, { shardId: shard.id, from: next })
      if (read.records.length === 0) break
      for (const record of read.records) newest.push({ shard, record })
      next = read.next
      positions.set(shard, next)
    }
  }
  newest.sort((a, b) => (a.record.sequence < b.record.sequence ? -1 : 1))
  const shown = options.lines === 0 ? [] : newest.slice(-options.lines)
  for (const { shard, record } of shown)
    print({ stream: name, shard: shard.number }, record, options)
  if (options.follow) await follow(session, stream, positions, options)
}

async function follow(
  session: Session,
  stream: Stream,
  positions: Map<Shard, bigint>,
  options: TailOptions,
): Promise<void> {
  while (!session.signal.aborted) {
    let found = 0
    for (const [shard, from] of positions) {
      const { records, next } = await readRecords(session, { shardId: shard.id, from })
      for (const record of records)
        print({ stream: stream.name, shard: shard.number }, record, options)
      positions.set(shard, next)
      found += records.length
    }
    if (found === 0) await wait(250, session.signal)
  }
}
