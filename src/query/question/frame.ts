const grouped =
  '(?:services?|hosts?|pods?|ips?|ip\\s+address(?:es)?|address(?:es)?|users?|nodes?|components?|containers?|clients?|machines?|servers?)'

/** How a question begins: what it asks to be done, which is not what it asks about. Applied in turn. */
const openings: readonly RegExp[] = [
  /^(?:(?:hi|hey|hello|please|so|ok|okay|and)\b[\s,]*)+/i,
  /^(?:can|could|would|will)\s+you\s+(?:please\s+)?/i,
  /^(?!GET\b)(?:please\s+)?(?:show|list|find|give|get|tell|print|display|search(?:\s+for)?|look\s+for|summari[sz]e|explain|count)\b(?:\s+(?:me|us)\b)?\s*(?:(?:all|any|every|about|an?\s+overview\s+of)\b\s*)?/i,
  /^how\s+(?:many|often|much|frequently)\b\s*(?:times\b\s*)?|^(?:what|how)\s+(?:is|was|large\s+is)\s+the\s+(?:total\s+)?number\s+of\s+|^(?:the\s+)?(?:total\s+)?number\s+of\s+/i,
  new RegExp(
    `^(?:which|what|who)\\s+(?:${grouped}\\s+)?(?:has|have|had|logs?|logged|produces?|produced|sees?|saw|is|are|was|were|with)\\s+(?:logged\\s+)?(?:(?:the\\s+)?(?:most|fewest|least)(?:\\s+(?:frequent|common))?\\s+)`,
    'i',
  ),
  /^(?:what|which)\s+(?:are|is|were|was)\s+the\s+(?:top|most)\b/i,
  /^(?:the\s+)?(?:top\s+(?:\d+|ten|five|three)|most\s+(?:frequent|common))\b/i,
  /^(?:why|when|where|who|what|which|how)(?:['’]s|\s+(?:is|are|was|were|did|does|do|has|have|had|will|can|could))\b\s*(?:there\b\s*)?/i,
  /^(?:what|which)\s+(?:else\s+)?(?:happen(?:s|ed)?\s*(?:to|with|in|on)?\b|kinds?\s+of\b)?\s*/i,
  /^(?:is|are|was|were|did|does|do|has|have|had)\s+(?:there\s+)?/i,
]

const leading = /^(?:(?:about|to|of|in|from|with|by|for|on|the|an?|any|some|my|our)\b\s*)+/i

const endings: readonly RegExp[] = [
  /[\s?!.,;]+$/,
  new RegExp(
    `(?:^|\\s+)(?:by|per|for\\s+each)\\s+(?:${grouped}|second|minute|hour|day|severity|level)$`,
    'i',
  ),
  /\s+(?:over\s+time|most\s+often|most\s+frequently|the\s+most)$/i,
  /(?<!\blog(?:s|ged|ging)?)(?:\s+(?:in|on|at|from|by|of|for|the|and|or|during|with|to))+$/i,
]

/** The text without the frame of a question, which may leave nothing. */
export function withoutFrame(text: string): string {
  let rest = text.trim()
  for (const pattern of openings) rest = rest.replace(pattern, '').trimStart()
  // "payments start failing" is about failing.
  rest = rest.replace(
    /\b(?:start(?:s|ed)?|beg[iau]ns?|stop(?:s|ped)?)\s+(?:to\s+(?=[a-z]{3})|(?=[a-z]{2,}ing\b))/gi,
    '',
  )
  for (const pattern of endings) rest = rest.replace(pattern, '')
  return rest.replace(leading, '').trim()
}

/** The text without the verb of "when did X start": it asks for a time, and no line says it. */
export function withoutVerbOfTime(text: string): string {
  return text.replace(
    /\s+(?:(?:first|last)\s+)?(?:start|begin|began|started|stop|stopped|end|ended|happen|happened|occur|occurred|appear|appeared|seen|fire|fired)(?:\s+(?:first|last))?$/i,
    '',
  )
}
