import { lexLine, sentencesOf } from './lex-answer.ts'

/**
 * How many sentences of an answer claim something and cite no line that is there. A line that only leads to a list ("In
 * order:") claims nothing. `lastNumber`: how many lines can be cited.
 */
export function countUncited(text: string, lastNumber: number): number {
  let uncited = 0
  for (const line of text.split('\n')) {
    const body = line.replace(/^\s*(?:[-*•]\s+|\d{1,2}[.)]\s+|#+\s+)*/, '')
    for (const sentence of sentencesOf(lexLine(body, lastNumber))) {
      const numbers = sentence.flatMap((piece) => piece.numbers)
      const said = sentence.map((piece) => (piece.kind === 'cite' ? '' : piece.text)).join('')
      if (!/\p{L}{2}/u.test(said) || /:\W*$/.test(said)) continue
      if (!numbers.some((n) => n >= 1 && n <= lastNumber)) uncited += 1
    }
  }
  return uncited
}
