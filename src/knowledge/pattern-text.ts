import { severityName } from './severity.ts'

const longest = 2_000
const fewestLetters = 3

/**
 * The text of a pattern that is embedded: who says it, how bad it is, and its words. Wildcards and
 * the punctuation that only held them are left out: a model reads `<*>` as three signs, not as
 * "something", and they weigh as much as words. A template without words gives way to its example.
 */
export function patternText(pattern: {
  service: string
  severity: number
  template: string
  example: string
}): string {
  const words = pattern.template
    .replaceAll(/[([{"'`]*<[^<> ]*>[)\]}"'`]*/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim()
  const said = words.replaceAll(/[^\p{L}]/gu, '').length >= fewestLetters ? words : pattern.example
  const who = [pattern.service, pattern.severity > 0 ? severityName(pattern.severity) : '']
  return `${who.filter(Boolean).join(' ')}: ${said}`.slice(0, longest)
}
