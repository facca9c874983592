import type { EvidenceItem } from '../../knowledge/evidence.ts'

/** Verbs that carry a question rather than its matter. */
const light: ReadonlySet<string> = new Set(
  'run runs ran running use used uses go goes come came make made take took try tried keep kept become became let'.split(
    ' ',
  ),
)

/** True for a verb that no line need have: "run" of "run out of disk". */
export function isLightVerb(word: string): boolean {
  return light.has(word)
}

/** The question's words that no line has, in any form: what it asks about did perhaps not happen. */
export function missingWords(words: readonly string[], items: readonly EvidenceItem[]): string[] {
  const haystack = items.map(textOf).join('\n')
  return words.filter((word) => !light.has(word) && !has(haystack, word))
}

/** True when the line holds the value as it is written, in any case. */
export function holds(item: EvidenceItem, value: string): boolean {
  return textOf(item).includes(value.toLowerCase())
}

/** True where the template has the word only inside a name that is written with underscores: "placed" in "placed_at". */
export function standsInNameOnly(template: string, word: string): boolean {
  const text = template.toLowerCase()
  return has(text, word) && !has(text.replace(/\w*_\w*/g, ' '), word) && !word.includes('_')
}

/** True where the template has a noun of doing ("connections") only as its verb ("connected"). */
export function isOtherForm(template: string, word: string): boolean {
  const noun = /^(\w{4,}(?:ion|ment))s?$/.exec(word)?.[1]
  const text = template.toLowerCase()
  return noun !== undefined && has(text, word) && !text.includes(noun)
}

/** How many of the words the line has, in any form. */
export function wordsIn(item: EvidenceItem, words: readonly string[]): number {
  const text = textOf(item)
  return words.filter((word) => has(text, word)).length
}

function textOf(item: EvidenceItem): string {
  return `${item.service} ${item.pod ?? ''} ${item.host ?? ''} ${item.text}`.toLowerCase()
}

/** By the word's stem, at the start of a word or of a part of a name ("OutOfMemory" has "memory"). */
function has(text: string, word: string): boolean {
  return text.includes(stemOf(word))
}

/** Without the usual endings; at least three letters are left. */
function stemOf(word: string): string {
  const stem = word.replace(/(?:ations?|ions?|ings?|ments?|ures?|ers?|ied|ies|ed|es|s|e|y)$/, '')
  return stem.length >= 3 ? stem : word
}
