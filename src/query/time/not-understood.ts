const clock = String.raw`(?<![\w.:/-])\d{1,2}:\d{2}(?::\d{2})?(?![\w:/-]|\.\d)`
const lead = String.raw`(?:\b(?:between|from|since|after|before|until|around|about|at|to|by)\s+)?`

const phrases: readonly RegExp[] = [
  new RegExp(`${lead}${clock}(?:\\s*(?:and|to|until|till|-|–)\\s*${clock})?`, 'gi'),
  /\b(?:(?:in|over|during|within|for)\s+)?(?:the\s+)?(?:last|past|previous)\s+\d+(?:\.\d+)?\s+(?!errors?\b|warnings?\b|events?\b|lines?\b|logs?\b|records?\b|messages?\b|entries\b|times?\b)[a-z]{1,12}(?=\s*(?:$|[?.!,;]))/gi,
]

/** What looks like a time in a question from which every time that was understood is taken; `rest` is without it. */
export function findTimesNotUnderstood(text: string): { said: string[]; rest: string } {
  const said: string[] = []
  let rest = text
  for (const pattern of phrases)
    rest = rest.replace(pattern, (match) => {
      said.push(match.trim())
      return ' '
    })
  return { said, rest: said.length === 0 ? text : rest.replace(/\s+/g, ' ').trim() }
}
