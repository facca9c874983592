import { flatten } from './answer/quote-line.ts'
import { citableItems, type Evidence } from './evidence-types.ts'
import type { Plan } from './plan.ts'
import { isCheckable, isProved } from './verify/check-token.ts'
import { createFactSource } from './verify/evidence-facts.ts'
import type { Facts } from './verify/facts.ts'
import { lexLine, type Piece, sentencesOf } from './verify/lex-answer.ts'

export interface StruckPart {
  part: string
  reason: 'unknown_citation' | 'not_in_evidence'
}

export interface VerifiedAnswer {
  text: string
  struck: StruckPart[]
  /** The numbers cited by what is left, ascending. */
  citations: number[]
}

/** Quotations that are compared; an answer has a handful. */
const maxQuotes = 200

/**
 * Checks an answer against its evidence. A number, an id, an address, a host, a time or a quotation must stand in a line that
 * its sentence cites (in any line, where the sentence cites none), or among the counts, the window and the question.
 *
 * What does not is marked ~~so~~ in its place; a marker of a line that is not there is taken out, and a sentence that cites
 * only such lines is marked whole. One closing line says what was struck. Numbers count as equal whatever their separators,
 * times whatever their precision and in the asker's zone as in UTC. Linear in the length of the text.
 */
export function verifyAnswer(text: string, evidence: Evidence, plan: Plan): VerifiedAnswer {
  const items = citableItems(evidence)
  const factsFor = createFactSource(items, evidence, plan)
  const struck: StruckPart[] = []
  const cited = new Set<number>()
  let quotes = 0
  const isKnown = (n: number) => n >= 1 && n <= items.length
  const isTrue = (sentence: readonly Piece[], index: number, facts: readonly Facts[]) => {
    const { kind, text: said = '' } = sentence[index] ?? {}
    if (kind === 'quote') return ++quotes <= maxQuotes && isQuoted(said, facts)
    return !isCheckable(said) || isProved(meaningOf(sentence, index), facts)
  }
  const checkSentence = (sentence: readonly Piece[]): string => {
    const numbers = new Set(sentence.flatMap((piece) => piece.numbers))
    const known = [...numbers].filter(isKnown)
    for (const n of numbers)
      if (!isKnown(n)) struck.push({ part: `[${n}]`, reason: 'unknown_citation' })
    if (numbers.size > 0 && known.length === 0) return strikeOut(textOf(sentence))
    for (const n of known) cited.add(n)
    const facts = factsFor(known)
    return sentence
      .map((piece, index) => {
        if (piece.kind === 'space') return piece.text
        if (piece.kind === 'cite') return markersOf(piece, isKnown)
        if (isTrue(sentence, index, facts)) return piece.text
        const part = piece.kind === 'quote' ? piece.text : bare(piece.text)
        struck.push({ part, reason: 'not_in_evidence' })
        return piece.text.replace(part, () => `~~${part}~~`)
      })
      .join('')
  }
  const lines = text.split('\n').map((line) => {
    const [marker = ''] = /^\s*(?:[-*•]\s+|\d{1,2}[.)]\s+|#+\s+)*/.exec(line) ?? []
    const sentences = sentencesOf(lexLine(line.slice(marker.length), items.length))
    return marker + sentences.map(checkSentence).join('').trimEnd()
  })
  const closing = struck.length > 0 ? `\n\n${tellStruck(struck)}` : ''
  return {
    text: lines.join('\n').trim() + closing,
    struck,
    citations: [...cited].sort((a, b) => a - b),
  }
}

/** A sentence without its citations. */
function textOf(sentence: readonly Piece[]): string {
  return sentence.map((piece) => (piece.kind === 'cite' ? '' : piece.text)).join('')
}

function markersOf(piece: Piece, isKnown: (n: number) => boolean): string {
  if (piece.numbers.every(isKnown)) return piece.text
  return piece.numbers
    .filter(isKnown)
    .map((n) => `[${n}]`)
    .join('')
}

/** A word without the punctuation around it. */
function bare(text: string): string {
  const core = text.replace(/^[("'*]+|[)"'*.,;:!?]+$/g, '')
  return core.includes('(') && text.includes(`${core})`) ? `${core})` : core
}

/** True when what is between the marks stands so in a line; an ellipsis parts it. */
function isQuoted(quote: string, facts: readonly Facts[]): boolean {
  const pieces = flatten(quote.slice(1, -1))
    .toLowerCase()
    .split(/…|\.{3}/)
    .map((piece) => piece.trim().replace(/[.,;:!?]$/, ''))
    .filter((piece) => piece !== '')
  return pieces.every((piece) => facts.some((fact) => fact.wording.includes(piece)))
}

const months = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ')

/** What a word means beside its neighbours: the 18 of "Oct 18" is 10-18, the 2:32 of "2:32 pm" 2:32pm. */
function meaningOf(sentence: readonly Piece[], index: number): string {
  const text = (sentence[index]?.text ?? '').replace(/^[("'*]+/, '')
  const [before = '', after = ''] = [sentence[index - 2]?.text, sentence[index + 2]?.text]
  const half = /^([ap])\.?m\b/i.exec(after)?.[1]
  if (half !== undefined && /^\d{1,2}(?::\d{2}){0,2}$/.test(text))
    return `${text}${half}m`.toLowerCase()
  const day = /^(\d{1,2})(?:st|nd|rd|th)?[.,;:!?)]*$/.exec(text)?.[1]
  const month = [before, after].map((word) => months.indexOf(word.slice(0, 3)))
  const found = month.find((at) => at >= 0)
  if (day === undefined || found === undefined) return text
  return `${String(found + 1).padStart(2, '0')}-${day.padStart(2, '0')}`
}

function strikeOut(text: string): string {
  const core = text.trim()
  return core === '' ? text : text.replace(core, () => `~~${core}~~`)
}

function tellStruck(struck: readonly StruckPart[]): string {
  const parts = new Map(struck.map(({ part, reason }) => [part, reason]))
  const told = [...parts]
    .slice(0, 20)
    .map(([part, reason]) =>
      reason === 'unknown_citation' ? `${part} (no such line)` : `${part} (not in the lines cited)`,
    )
  return `Struck, as no record proves it: ${told.join(', ')}.`
}
