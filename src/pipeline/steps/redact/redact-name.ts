import type { RedactionCounts, RedactionOptions } from './placeholder.ts'
import { redactInto } from './redact-text.ts'

/** Names come again with every line: those that are clean are known. */
const knownNames = 4_096

/** A name without secrets. */
export function redactName(
  name: string,
  counts: RedactionCounts,
  options: RedactionOptions,
): string {
  const { cleanNames } = options
  if (cleanNames?.has(name)) return name
  const safe = redactInto(name, counts, options)
  if (safe !== name || !cleanNames) return safe
  if (cleanNames.size >= knownNames) cleanNames.clear()
  cleanNames.add(name)
  return name
}
