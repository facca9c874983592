import type { PutResult } from '../../src/log/new-record.ts'
import { createBatches, type PutBatch } from './append-load.ts'
import type { BenchLine } from './lines.ts'

/** Puts `total` records, 500 a put, 8 puts in flight; returns the seconds it took. */
export async function fillStream(
  put: PutBatch,
  options: {
    lines: readonly BenchLine[]
    total: number
    onPut?: (results: readonly PutResult[]) => void
  },
): Promise<number> {
  const { lines, total, onPut } = options
  const size = 500
  const nextBatch = createBatches(lines, size)
  const started = performance.now()
  let left = Math.ceil(total / size)
  const send = async () => {
    while (left-- > 0) {
      const results = await put(nextBatch())
      onPut?.(results)
    }
  }
  await Promise.all(Array.from({ length: 8 }, send))
  return (performance.now() - started) / 1000
}
