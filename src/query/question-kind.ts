/** What a question wants to have. */
export type QuestionKind = 'find' | 'count' | 'top' | 'trend' | 'explain' | 'around'

const rules: readonly { kind: QuestionKind; pattern: RegExp }[] = [
  {
    kind: 'explain',
    pattern:
      /\bwhy\b|\b(?:what|which|who)\b[^?.]*\b(?:caus(?:e|es|ed|ing)|(?:led|leads?)\s+to|triggers?|triggered|is\s+behind)\b|\b(?:root\s+cause|cause\s+of|causes?\s+(?:for|behind)|reasons?\s+(?:for|of|behind|why)|how\s+come|what(?:['’]s|\s+(?:went|is|goes|was))\s+wrong|explain|what\s+broke)\b/i,
  },
  {
    kind: 'top',
    pattern:
      /\b(?:top\s+(?:\d+|ten|five|three)|most\s+(?:frequent(?:ly)?|common(?:ly)?|often)|noisiest|busiest|loudest|commonest)\b|^\s*(?:(?:show|list|give|tell)\s+(?:me\s+|us\s+)?)?(?:the\s+)?top\s+(?=[a-z])|\b(?:which|what|who)\b[^?.]*\b(?:the\s+)?(?:most|fewest|least|more\s+than\s+any)\b(?!\s+recent)/i,
  },
  {
    kind: 'trend',
    pattern:
      /\bwhen\s+(?:did|does|do|was|were|is|has|have)\b|\b(?:since|from)\s+when\b|\b(?:what|which)\s+time\b|\b(?:first|last)\s+(?:time|seen|occurr?ence)\b|\b(?:trends?|over\s+time|(?:per|by|each|every)\s+(?:second|minute|hour|day)|histogram|timeline\s+of|spik(?:e|es|ed|ing)|(?:error|failure|request|message|log)[\s-]rates?|rates?\s+of|getting\s+(?:worse|better|more)|increas(?:e|es|ed|ing)|decreas(?:e|es|ed|ing)|ris(?:e|es|en|ing))\b/i,
  },
  {
    kind: 'count',
    pattern:
      /\bhow\s+(?:many|often|much|frequently)\b|\b(?:the\s+)?(?:number|amount|total)\s+of\b|^\s*(?:please\s+)?count\b|\bcount\s+(?:of|the|all|how)\b|\btotal\s+(?:number|count|\w+s)\b|,\s*how\s+many\b|\b(?:no\.|#)\s*of\b|\btally\b|\bcount\s*\?*\s*$/i,
  },
]

/**
 * What kind of answer a question asks for. The reason for a number comes before the number: "why did the error rate
 * spike" is to be explained. `isPoint`: it names a point in time, so "what happened" means around it.
 */
export function kindOfQuestion(question: string, options: { hasRange: boolean }): QuestionKind {
  for (const { kind, pattern } of rules)
    if (pattern.test(question)) return kind === 'trend' && isCounted(question) ? 'count' : kind
  const happened =
    /\bwhat(?:['’]s|\s+(?:has|was|is|else|all))?\s+(?:happen(?:s|ed|ing)?|going\s+on|went\s+on|changed)\b|\banything\s+(?:unusual|wrong|strange|odd|weird|interesting|of\s+note|going\s+on|happen(?:ed|ing)?)\b|\b(?:summari[sz]e|overview|summary)\b/i
  return options.hasRange && happened.test(question) ? 'around' : 'find'
}

/** "how many requests per minute" asks for a number, spread over time: its count has the times with it. */
function isCounted(question: string): boolean {
  return (
    /\bhow\s+many\b/i.test(question) &&
    !/\b(?:per|by|each|every|over\s+time|when|trend)\b/i.test(question)
  )
}
