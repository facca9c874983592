import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { backoffMs, wait } from '../base/backoff.ts'
import type { Stream } from '../log/describe-stream.ts'
import type { Producer } from '../log/producer.ts'
import { type Line, readLines } from './lines.ts'
import { createProgress, type Progress } from './progress.ts'

/** Lines and bytes (keys counted) of one request to the producer, and what may be under way at once: less than it holds. */
const limits = {
  batchLines: 500,
  batchBytes: 4 << 20,
  inFlight: 8,
  inFlightBytes: 32 << 20,
} as const

/**
 * A provisioned stream refuses single records, and holds back what follows them of the same key only within a frame of
 * 1 MiB: so one such request is under way, and what it refused is stored before the next one is sent. More than the rate
 * would be sent in vain.
 */
function limitsFor(stream: Stream): Record<keyof typeof limits, number> {
  if (stream.mode === 'on_demand') return limits
  return {
    batchLines: Math.min(limits.batchLines, stream.shardRecordsPerSecond),
    batchBytes: Math.min(1 << 20, stream.shardBytesPerSecond),
    inFlight: 1,
    inFlightBytes: limits.inFlightBytes,
  }
}

/** A rate counts the last second, so there is room again soon; the longest wait is for streams that others fill. */
const rateBackoff = { baseMs: 200, capMs: 1_000 } as const

/** What became of the lines of all sources. */
export interface Tally {
  durable: number
  empty: number
  /** Those that the stream can never take. */
  refused: number
  /** How often a provisioned stream had no room. */
  waits: number
  /** Read, and given up at Ctrl-C while the stream had no room for them. */
  unsent: number
  firstProblem: string | undefined
}

export interface PutSourceDeps {
  producer: Producer
  /** Ends reading, and waiting for room. */
  signal: AbortSignal
  tally: Tally
}

export interface PutSourceOptions {
  stream: Stream
  /** Default: the file's name. */
  key?: string
}

/** Where lines go, and who is told. */
interface Target {
  stream: Stream
  partitionKey: string
  name: string
  progress: Progress
}

/** Puts the lines of a file, or of standard input for `-`, and counts them in the tally. */
export async function putSource(
  deps: PutSourceDeps,
  source: string,
  options: PutSourceOptions,
): Promise<void> {
  const { signal, tally } = deps
  const { stream } = options
  const limits = limitsFor(stream)
  const name = source === '-' ? 'stdin' : basename(source)
  const size = source === '-' ? 0 : (await stat(source)).size
  const progress = createProgress(`append ${name}`, size, 'lines')
  const partitionKey = (options.key ?? name).slice(0, 256)
  const keyBytes = Buffer.byteLength(partitionKey)
  const target = { stream, partitionKey, name, progress }
  const input =
    source === '-' ? process.stdin : createReadStream(source, { highWaterMark: 1 << 20 })
  const onAbort = () => input.destroy()
  signal.addEventListener('abort', onAbort, { once: true })
  const running = new Set<Promise<void>>()
  let batch: Line[] = []
  let batchBytes = 0
  let runningBytes = 0
  let lines = 0
  let failure: unknown

  // Batches go out in the order of the file and no line is stored twice, so a key's lines keep their order.
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
    const request = putLines(deps, target, taken)
      .then((done) => {
        lines += done
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
      if (line.data.length === 0) {
        tally.empty += 1
        continue
      }
      const bytes = line.data.length + keyBytes
      if (batchBytes + bytes > limits.batchBytes) await flush()
      batch.push(line)
      batchBytes += bytes
      if (batch.length >= limits.batchLines) await flush()
    }
  } catch (error) {
    if (!signal.aborted) failure ??= error
  }
  signal.removeEventListener('abort', onAbort)
  // What was read is put, also after Ctrl-C: the count that is printed is what is durable.
  await flush()
  await Promise.all(running)
  progress.finish(`${name}: ${lines.toLocaleString('en')} lines`)
  if (failure !== undefined) throw failure
}

/**
 * Puts lines and waits for their acks; returns how many are done with. A line that the stream cannot take is refused
 * alone. What a provisioned stream has no room for is sent again, until Ctrl-C: then it and all that follows is given up,
 * so what is stored is the beginning of the file without a gap.
 */
async function putLines(
  deps: PutSourceDeps,
  target: Target,
  lines: readonly Line[],
): Promise<number> {
  const { signal, tally } = deps
  let waiting = tally.unsent > 0 ? [] : lines
  let unsent = lines.length - waiting.length
  for (let attempt = 1; waiting.length > 0; attempt += 1) {
    const left = await putOnce(deps, target, waiting)
    if (left.length === 0) break
    if (left.length < waiting.length) attempt = 1
    waiting = left
    if (!signal.aborted) {
      if (tally.waits === 0)
        target.progress.note(
          `stream "${target.stream.name}" takes no more at its provisioned rate: waiting for it (Ctrl-C ends this)`,
        )
      tally.waits += 1
      await wait(backoffMs(attempt, rateBackoff), signal)
    }
    if (signal.aborted) {
      unsent = waiting.length
      break
    }
  }
  tally.unsent += unsent
  return lines.length - unsent
}

/** Puts lines once; returns those, in their order, that a provisioned stream's rate refused. */
async function putOnce(
  { producer, tally }: PutSourceDeps,
  { stream, partitionKey, name }: Target,
  lines: readonly Line[],
): Promise<Line[]> {
  const left: Line[] = []
  const records = lines.map((line) => ({ partitionKey, data: line.data }))
  for (const [index, result] of (await producer.put(stream.name, records)).entries()) {
    const line = lines[index]
    if (result.ok) tally.durable += 1
    else if (result.error.code === 'limit_exceeded') {
      tally.refused += 1
      tally.firstProblem ??= `${name}, line ${line?.number}: ${result.error.message}; a stream takes up to 10 MiB with: millrace stream create NAME --max-record-bytes 10485760`
    } else if (line && stream.mode === 'provisioned' && result.error.code === 'throughput_exceeded')
      left.push(line)
    else throw result.error
  }
  return left
}
