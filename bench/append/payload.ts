import type { BenchLine } from '../support/lines.ts'

const payloads = new WeakMap<BenchLine, object>()

/** A line as the object that a job queue's own API takes, parsed once: an application would have it at hand. */
export function payloadOf(line: BenchLine): object {
  const known = payloads.get(line)
  if (known) return known
  const payload = JSON.parse(line.data.toString()) as object
  payloads.set(line, payload)
  return payload
}
