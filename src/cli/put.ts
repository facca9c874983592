import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import type { Command } from 'commander'
import { isMillraceError, MillraceError, messageOf } from '../base/errors.ts'
import { createStream } from '../log/create-stream.ts'
import { createProducer, type Producer } from '../log/producer.ts'
import { type Line, readLines } from './lines.ts'
import { createProgress } from './progress.ts'
import { type Session, withSession } from './session.ts'

interface PutOptions {
  stream: string
  key?: string
}

/** Lines and bytes of one request to the producer, and what may be under way at once: less than the producer holds. */
const limits = {
  batchLines: 500,
  batchBytes: 4 << 20,
  inFlight: 8,
  inFlightBytes: 32 << 20,
} as const

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
  let failure: unknown
  for (const source of sources) {
    if (session.signal.aborted || failure !== undefined) break
    await putSource(session, producer, source, options, tally).catch((error: unknown) => {
      failure = error
    })
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
  if (failure !== undefined) throw failure
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
  let batchBytes = 0
  let runningBytes = 0
  let lines = 0
  let failure: unknown

  // Batches go out in the order of the file and none is sent twice, so a key's lines keep their order.
  const flush = async () => {
    const taken = batch
    const bytes = batchBytes
    batch = []
    batchBytes = 0
    const last = taken.at(-1)
    if (!last) return
    while (
      running.size > 0 &&
      (running.size >= limits.inFlight || runningBytes + bytes > limits.inFlightBytes)
    )
      await Promise.race(running)
    if (failure !== undefined) return
    runningBytes += bytes
    const request = putLines(producer, { stream: options.stream, partitionKey, name }, taken, tally)
      .then(() => {
        lines += taken.length
        progress.update(last.position, lines)
      })
      .catch((error: unknown) => {
        failure ??= error
      })
      .finally(() => {
        running.delete(request)
        runningBytes -= bytes
      })
    running.add(request)
  }

  try {
    for await (const line of readLines(input)) {
      if (failure !== undefined) break
      if (line.data.length === 0) tally.empty += 1
      else {
        batch.push(line)
        batchBytes += line.data.length
      }
      if (batch.length >= limits.batchLines || batchBytes >= limits.batchBytes) await flush()
    }
  } catch (error) {
    if (!session.signal.aborted) failure ??= error
  }
  session.signal.removeEventListener('abort', onAbort)
  // What was read is put, also after Ctrl-C: the count that is printed is what is durable.
  await flush()
  await Promise.all(running)
  progress.finish(`${name}: ${lines.toLocaleString('en')} lines`)
  if (failure !== undefined) throw failure
}

/** Puts lines and waits for their acks. A line that the stream cannot take is refused alone. */
async function putLines(
  producer: Producer,
  target: { stream: string; partitionKey: string; name: string },
  lines: readonly Line[],
  tally: Tally,
): Promise<void> {
  const { partitionKey } = target
  const records = lines.map((line) => ({ partitionKey, data: line.data }))
  for (const [index, result] of (await producer.put(target.stream, records)).entries()) {
    if (result.ok) tally.durable += 1
    else if (result.error.code === 'limit_exceeded') {
      tally.refused += 1
      tally.firstProblem ??= `${target.name}, line ${lines[index]?.number}: ${result.error.message}; a stream takes up to 10 MiB with: millrace stream create NAME --max-record-bytes 10485760`
    } else throw result.error
  }
}
