import type { PutResult } from '../../src/log/new-record.ts'
import type { Producer } from '../../src/log/producer.ts'
import type { BenchLine } from './lines.ts'
import { percentile } from './stats.ts'

/** Stores a batch and resolves when it is durable; throws unless all of it is. */
export type PutBatch = (batch: readonly BenchLine[]) => Promise<PutResult[]>

export interface AppendLoad {
  records: number
  /** From the first put to the last acknowledgement. */
  seconds: number
  /** Of every put, in the order of their acknowledgements: when it began (performance.now) and how long it took. */
  puts: { began: number; ms: number }[]
}

export interface AppendLoadOptions {
  lines: readonly BenchLine[]
  /** How long new puts begin. */
  seconds: number
  /** Records of a put. Default 500, as many as Kinesis takes. */
  batch?: number
  /** Puts at the same time. Default 4. */
  inFlight?: number
  signal?: AbortSignal
}

/** Keeps puts in flight for some seconds, each sender waiting for its acknowledgement. */
export async function appendLoad(put: PutBatch, options: AppendLoadOptions): Promise<AppendLoad> {
  const { seconds, batch = 500, inFlight = 4, signal } = options
  const nextBatch = createBatches(options.lines, batch)
  const puts: AppendLoad['puts'] = []
  const started = performance.now()
  const until = started + seconds * 1000
  const send = async () => {
    while (performance.now() < until && !signal?.aborted) {
      const records = nextBatch()
      const began = performance.now()
      await put(records)
      puts.push({ began, ms: performance.now() - began })
    }
  }
  await Promise.all(Array.from({ length: inFlight }, send))
  return {
    records: puts.length * batch,
    seconds: (performance.now() - started) / 1000,
    puts,
  }
}

/** Records a second of a load, and its puts' latencies in ms. */
export function summarize({ records, seconds, puts }: AppendLoad) {
  const times = puts.map(({ ms }) => ms)
  return {
    rate: records / seconds,
    p50: percentile(times, 0.5),
    p99: percentile(times, 0.99),
    // Not spread into Math.max: a load has more puts than a call may have arguments.
    max: times.reduce((most, ms) => Math.max(most, ms), 0),
  }
}

/** The lines again and again, `size` at a time. */
export function createBatches(
  lines: readonly BenchLine[],
  size: number,
): () => readonly BenchLine[] {
  let at = 0
  return () => {
    if (at + size > lines.length) at = 0
    at += size
    return lines.slice(at - size, at)
  }
}

/** Puts by a producer; a refused record fails the benchmark. */
export function putBy(producer: Producer, stream: string): PutBatch {
  return async (batch) => {
    const results = await producer.put(stream, batch)
    for (const result of results) if (!result.ok) throw result.error
    return results
  }
}
