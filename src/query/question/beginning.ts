/** Verbs that say of a trouble that it was there: no line says them of itself. */
const verbs =
  /^(?:start(?:s|ed|ing)?|stop(?:s|ped|ping)?|end(?:s|ed|ing)?|arise|arose|emerge[ds]?|exist(?:s|ed)?)$/
const troubles =
  /^(?:errors?|warnings?|failures?|timeouts?|exceptions?|problems?|issues?|crash(?:es)?|alerts?|incidents?|retries|trouble)$/

/**
 * The content words without the verbs of beginning and ending, where these are the question's and not a line's: beside a
 * filter or words for trouble ("which errors started"), but not in "how many containers started" or in "started" alone.
 */
export function withoutVerbsOfBeginning(
  words: readonly string[],
  options: { hasFilter: boolean },
): string[] {
  const others = words.filter((word) => !verbs.test(word))
  const isFrame =
    others.length === 0 ? options.hasFilter : others.every((word) => troubles.test(word))
  return isFrame ? others : [...words]
}

/** "which errors began", "what came first": it asks for what is new. */
export function asksForBeginning(question: string): boolean {
  return (
    /^\s*(?:which|what|any|show|list|did|have|has)\b/i.test(question) &&
    /\b(?:start(?:s|ed|ing)?|beg[aiu]n(?:s|ning)?|arose|emerged|(?:came|come|comes|occur+ed|appeared|happened|was|were)\s+(?:up\s+)?first|first\s+(?:occur+ed|appeared|came)|new(?:ly)?)\b/i.test(
      question,
    )
  )
}
