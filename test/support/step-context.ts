import { createLogger } from '../../src/base/logger.ts'
import type { LogRecord } from '../../src/log/read-records.ts'
import type { Resources, StepContext } from '../../src/pipeline/step.ts'

const arrivedAt = new Date('2026-11-23T10:00:00Z')

/** Records of one shard, 1, 2, 3, ..., that arrived at one moment; a text is `key` by default, or `[key, text]`. */
export function recordsOf(
  ...texts: (string | readonly [partitionKey: string, text: string])[]
): LogRecord[] {
  return texts.map((item, index) => {
    const [partitionKey, text] = typeof item === 'string' ? ['key', item] : item
    return { sequence: BigInt(index + 1), partitionKey, data: Buffer.from(text), arrivedAt }
  })
}

export interface FakeContext extends StepContext {
  /** What was counted, oldest first. */
  readonly usage: { requests: number; tokens: number }[]
  /** What was taken out, by record. */
  readonly redactions: Map<bigint, Readonly<Record<string, number>>>
}

/** What a call of a step is about, without a pipeline around it. */
export function stepContext(
  records: readonly LogRecord[],
  options: Partial<StepContext> = {},
): FakeContext {
  const usage: FakeContext['usage'] = []
  const redactions: FakeContext['redactions'] = new Map()
  return {
    pipeline: 'test',
    stream: 'logs',
    shard: 0,
    shardId: 1,
    records,
    span: null,
    signal: new AbortController().signal,
    countEmbedding: (counted) => void usage.push(counted),
    countRedactions: (sequence, counts) => void redactions.set(sequence, counts),
    ...options,
    usage,
    redactions,
  }
}

/** A step's or a sink's resources, of which a test gives those that are used. */
export function stepResources(given: Partial<Resources> = {}): Resources {
  const missing = (name: string) => () => {
    throw new Error(`the test gave no ${name}`)
  }
  return {
    pool: new Proxy({} as Resources['pool'], { get: missing('pool') }),
    logger: createLogger({ level: 'silent' }),
    pipeline: 'test',
    embedding: missing('embedding'),
    ...given,
  }
}
