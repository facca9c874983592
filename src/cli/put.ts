import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Command } from 'commander'
import { wait } from '../base/backoff.ts'
import { isMillraceError, MillraceError, messageOf } from '../base/errors.ts'
import { createStream } from '../log/create-stream.ts'
import { createProducer, type Producer } from '../log/producer.ts'
import type { NewRecord } from '../log/put-records.ts'
import { type Line, readLines } from './lines.ts'
import { createProgress } from './progress.ts'
import { type Session, withSession } from './session.ts'

interface PutOptions {
  stream: string
  key?: string
}

/** Lines of one request to the producer, and requests under way at the same time. */
const batchLines = 500
const inFlight = 8

export function registerPut(program: Command): void {
  program
    .command('put [files...]')
    .description('append lines (or NDJSON) to a stream, from files or standard input')
    .option(
      '-s, --stream <name>',
      'the stream; it is created with one shard if it is missing',
      'logs',
    )
    .option(
      '-k, --key <key>',
      'partition key of the lines (default: the file name, so a file keeps its order)',
    )
    .addHelpText(
      'after',
      `
Examples:
  millrace put --stream web /var/log/nginx/access.log
  journalctl -o json -f | millrace put --stream system`,
    )
    .action((files: string[], options: PutOptions) =>
      withSession((session) => put(session, files, options)),
    )
}

interface Tally {
  durable: number
  empty: number
  refused: number
  firstProblem: string | undefined
}

async function put(session: Session, files: readonly string[], options: PutOptions): Promise<void> {
  const sources = files.length > 0 ? files : ['-']
  for (const file of files) {
    const found = await stat(file).catch((error: unknown) => {
      throw new MillraceError('invalid_argument', `cannot read ${file}: ${messageOf(error)}`)
    })
    if (found.isDirectory())
      throw new MillraceError('invalid_argument', `${file} is a folder; name its files`)
  }
  await ensureStream(session, options.stream)
  const tally: Tally = { durable: 0, empty: 0, refused: 0, firstProblem: undefined }
  const started = performance.now()
  await using producer = createProducer(session)
  for (const source of sources) {
    if (session.signal.aborted) break
    await putSource(session, producer, source, options, tally)
  }
  await producer.stop()
  const seconds = (performance.now() - started) / 1000
  const rate = Math.round(tally.durable / Math.max(seconds, 0.001)).toLocaleString('en')
  const notes = [
    tally.empty > 0 ? `${tally.empty} empty lines skipped` : '',
    tally.refused > 0 ? `${tally.refused} refused` : '',
    session.signal.aborted ? 'stopped early' : '',
  ].filter(Boolean)
  console.log(
    `${tally.durable.toLocaleString('en')} records durable in "${options.stream}" (${seconds.toFixed(2)} s, ${rate}/s)${notes.length > 0 ? `; ${notes.join(', ')}` : ''}`,
  )
  if (tally.firstProblem !== undefined) process.stderr.write(`millrace: ${tally.firstProblem}\n`)
  if (tally.refused > 0 || session.signal.aborted) process.exitCode = 1
}

async function ensureStream(session: Session, name: string): Promise<void> {
  try {
    await createStream(session, { name })
    process.stderr.write(`created stream "${name}" with 1 shard\n`)
  } catch (error) {
    if (!isMillraceError(error, 'already_exists')) throw error
  }
}

async function putSource(
  session: Session,
  producer: Producer,
  source: string,
  options: PutOptions,
  tally: Tally,
): Promise<void> {
  const name = source === '-' ? 'stdin' : basename(source)
  const size = source === '-' ? 0 : (await stat(source)).size
  const progress = createProgress(`append ${name}`, size, 'lines')
  const partitionKey = (options.key ?? name).slice(0, 256)
  const input =
    source === '-' ? process.stdin : createReadStream(source, { highWaterMark: 1 << 20 })
  const onAbort = () => input.destroy()
  session.signal.addEventListener('abort', onAbort, { once: true })
  const running = new Set<Promise<void>>()
  let batch: Line[] = []
  let lines = 0

  const flush = async () => {
    const taken = batch
    batch = []
    const last = taken.at(-1)
    if (!last) return
    const request = putLines(session, producer, { ...options, partitionKey, name }, taken, tally)
      .then(() => {
        lines += taken.length
        progress.update(last.position, lines)
      })
      .finally(() => running.delete(request))
    running.add(request)
    if (running.size >= inFlight) await Promise.race(running)
  }

  try {
    for await (const line of readLines(input)) {
      if (line.data.length === 0) tally.empty += 1
      else batch.push(line)
      if (batch.length >= batchLines) await flush()
    }
  } catch (error) {
    if (!session.signal.aborted) throw error
  } finally {
    session.signal.removeEventListener('abort', onAbort)
    // What was read is put, also after Ctrl-C: the count that is printed is what is durable.
    await flush()
    await Promise.all(running)
    progress.finish(`${name}: ${lines.toLocaleString('en')} lines`)
  }
}

/** Puts lines and waits for their acks; what the producer has no room for is put again until it has. */
async function putLines(
  session: Session,
  producer: Producer,
  target: { stream: string; partitionKey: string; name: string },
  lines: readonly Line[],
  tally: Tally,
): Promise<void> {
  let waiting = lines
  while (waiting.length > 0) {
    const records: NewRecord[] = waiting.map((line) => ({
      partitionKey: target.partitionKey,
      data: line.data,
    }))
    const again: Line[] = []
    for (const [index, result] of (await producer.put(target.stream, records)).entries()) {
      const line = waiting[index]
      if (result.ok) tally.durable += 1
      else if (result.error.code === 'throughput_exceeded' && line) again.push(line)
      else if (result.error.code === 'limit_exceeded') {
        tally.refused += 1
        tally.firstProblem ??= `${target.name}, line ${line?.number}: ${result.error.message}; a stream takes up to 10 MiB with: millrace stream create NAME --max-record-bytes 10485760`
      } else throw result.error
    }
    waiting = again
    if (waiting.length > 0) await wait(50, session.signal)
  }
}
