import { describe, expect, test } from 'vitest'
import { parseRecord } from '../../../../src/pipeline/steps/parse/parse-record.ts'
import { arrivedAt, loadSamples } from './samples/load-samples.ts'

/** An event as the samples write it down. */
function describeEvent(line: string): string {
  const event = parseRecord({ data: Buffer.from(line), arrivedAt, partitionKey: 'key' })
  const at = event.at.getTime() === arrivedAt.getTime() ? 'arrival' : event.at.toISOString()
  const more = [
    ['pod', event.pod],
    ['namespace', event.namespace],
    ['trace', event.traceId],
    ['span', event.spanId],
  ].flatMap(([name, value]) => (value === null ? [] : [`${name}=${value}`]))
  const head = [at, event.severity, event.service ?? '-', event.host ?? '-', ...more].join(' ')
  return `= ${head} | ${JSON.stringify(event.body).slice(1, -1)}`
}

describe.each(await loadSamples())('$format', ({ samples }) => {
  test.each(samples)('$line', ({ line, expected }) => expect(describeEvent(line)).toBe(expected))
})
