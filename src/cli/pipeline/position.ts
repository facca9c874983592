import { InvalidArgumentError } from 'commander'
import { isoTime } from '../iso-time.ts'

/** Reads TRIM_HORIZON or a moment for commander. */
export function earlierPosition(text: string): 'TRIM_HORIZON' | Date {
  return read(text, ['TRIM_HORIZON'])
}

/** Reads TRIM_HORIZON, LATEST or a moment for commander. */
export function anyPosition(text: string): 'TRIM_HORIZON' | 'LATEST' | Date {
  return read(text, ['TRIM_HORIZON', 'LATEST'])
}

function read<T extends string>(text: string, names: readonly T[]): T | Date {
  const named = names.find((name) => name === text)
  if (named !== undefined) return named
  try {
    return isoTime(text)
  } catch {
    throw new InvalidArgumentError(
      `expected ${names.join(', ')}, an ISO 8601 time with its zone, such as 2026-11-23T10:00:00Z, or a day, such as 2026-11-23.`,
    )
  }
}
