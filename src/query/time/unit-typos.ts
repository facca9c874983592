/** Plurals first: "minuts" is nearer to them. */
const units = 'seconds minutes hours days weeks months second minute hour week month'.split(' ')

/**
 * The question with small slips in unit words put right where only a unit can stand: "in the last 10 minuts", "2 huors ago".
 * One letter more, less, other or swapped.
 */
export function correctUnits(question: string): string {
  return question
    .replace(
      /\b((?:last|past|previous)\s+(?:\d{1,4}|few|couple\s+of|two|three|five|ten|twenty|thirty)\s+)([a-z]{4,9})\b/gi,
      (all, head: string, word: string) => head + correct(word, all.slice(head.length)),
    )
    .replace(
      /\b(\d{1,4}\s+)([a-z]{4,9})(?=\s+ago\b)/gi,
      (_, head: string, word: string) => head + correct(word, word),
    )
}

function correct(word: string, otherwise: string): string {
  const text = word.toLowerCase()
  if (units.includes(text)) return otherwise
  return units.find((unit) => isOneSlip(text, unit)) ?? otherwise
}

function isOneSlip(word: string, unit: string): boolean {
  if (word[0] !== unit[0] || Math.abs(word.length - unit.length) > 1) return false
  let at = 0
  while (at < word.length && word[at] === unit[at]) at++
  const same = (a: number, b: number) => word.slice(at + a) === unit.slice(at + b)
  const isSwap = word[at] === unit[at + 1] && word[at + 1] === unit[at] && same(2, 2)
  return same(1, 1) || same(1, 0) || same(0, 1) || isSwap
}
