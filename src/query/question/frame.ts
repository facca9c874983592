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

/** "which service writes the most lines" */
const writesMost =
  /\b(?:writes?|wrote|emits?|emitted|prints?|printed|produces?|produced|generates?|generated|raises?|raised|throws?|threw|has|have|had)\s+(?=(?:the\s+)?(?:most|fewest|least)\b)/i

/** The text without the frame of a question, which may leave nothing. */
export function withoutFrame(text: string): string {
  let rest = text.trim()
  for (const pattern of openings) rest = rest.replace(pattern, '').trimStart()
  // "payments start failing" is about failing.
  rest = rest.replace(
    /\b(?:start(?:s|ed)?|beg[iau]ns?|stop(?:s|ped)?)\s+(?:to\s+(?=[a-z]{3})|(?=[a-z]{2,}ing\b))/gi,
    '',
  )
  rest = rest.replace(writesMost, '')
  for (const pattern of endings) rest = rest.replace(pattern, '')
  return rest.replace(leading, '').trim()
}

const written =
  '(?:lines?|records?|messages?|events?|entries|logs?|errors?|warnings?|warns?|fatals?|criticals?|exceptions?)'
const writes =
  '(?:write|writes|wrote|written|emit|emits|emitted|print|prints|printed|produces?|produced|output|generates?|generated|raises?|raised|throw|throws|threw|thrown|issues?|issued|has|have|had|get|got|see|saw)'
const writing: readonly RegExp[] = [
  // "how many error lines did inventory write"
  new RegExp(
    `(\\b${written}\\b[^?.,]*?\\b(?:did|does|do|has|have|had)\\b[^?.,]*?)\\s+${writes}(?=\\s*(?:$|[?.!,;]|in\\b|on\\b|at\\b))`,
    'i',
  ),
  // "errors written by inventory"
  new RegExp(
    `(\\b${written}\\s+(?:(?:that|which)\\s+)?(?:(?:were|was|are|is|have\\s+been|has\\s+been)\\s+)?)${writes}(?=\\s+(?:by|in|to|into|from)\\b)`,
    'i',
  ),
]

/** The text without the verb that says of lines or levels that they were written: it is the question's. */
export function withoutVerbOfWriting(text: string): string {
  return writing.reduce((rest, pattern) => rest.replace(pattern, '$1'), text)
}

/** The text without the verb of "when did X start": it asks for a time, and no line says it. */
export function withoutVerbOfTime(text: string): string {
  return text.replace(
    /\s+(?:(?:first|last)\s+)?(?:start|begin|began|started|stop|stopped|end|ended|happen|happened|occur|occurred|appear|appeared|seen|fire|fired)(?:\s+(?:first|last))?$/i,
    '',
  )
}
