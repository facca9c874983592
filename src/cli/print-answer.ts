import type { Answer } from '../query/ask.ts'
import { oneLine } from './one-line.ts'

/** Prints an answer for people: the text, then each cited line with its citation. */
export function printAnswer(answer: Answer): void {
  console.log(answer.text.trim())
  if (answer.citations.length > 0) console.log('')
  for (const { n, citation, at, severity, service, count, text } of answer.citations) {
    const who = [severity, service].filter(Boolean).join(' ')
    const times = count > 1 ? ` ×${count.toLocaleString('en')}` : ''
    console.log(`[${n}] ${citation}  ${at}  ${who}${times}`)
    console.log(`    ${oneLine(text)}`)
  }
}
