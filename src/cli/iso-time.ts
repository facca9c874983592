import { InvalidArgumentError } from 'commander'
import { z } from 'zod'

/** A time without a zone would mean another moment on every machine; a day alone begins at midnight UTC. */
const schema = z.union([
  z.iso.datetime({ offset: true }),
  z.iso.datetime({ offset: true, precision: -1 }),
  z.iso.date(),
])

/** Reads a moment for commander. */
export function isoTime(text: string): Date {
  if (!schema.safeParse(text).success)
    throw new InvalidArgumentError(
      'expected an ISO 8601 time with its zone, such as 2026-11-23T10:00:00Z, or a day, such as 2026-11-23.',
    )
  return new Date(text)
}
