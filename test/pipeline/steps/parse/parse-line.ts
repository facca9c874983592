import { type ParsedEvent, parseRecord } from '../../../../src/pipeline/steps/parse/parse-record.ts'

/** When the test's records arrive: a Monday, ten o'clock UTC. */
export const arrivedAt = new Date('2026-11-23T10:00:00Z')

/** Parses a text, bytes, or an object as its JSON. */
export function parse(input: string | Uint8Array | Record<string, unknown>): ParsedEvent {
  const data =
    typeof input === 'string'
      ? Buffer.from(input)
      : input instanceof Uint8Array
        ? input
        : Buffer.from(JSON.stringify(input))
  return parseRecord({ data, arrivedAt, partitionKey: 'key' })
}

export type Expected = Partial<Omit<ParsedEvent, 'at'>> & { at?: string }

/** What of an event a test names, its time as ISO text. */
export function pick(event: ParsedEvent, expected: Expected): Expected {
  const all: Record<string, unknown> = { ...event, at: event.at.toISOString() }
  return Object.fromEntries(Object.keys(expected).map((key) => [key, all[key]]))
}
