/** What a question wants its events parted by, and where it says so. */
export interface Grouping {
  by: 'service'
  index: number
  end: number
}

const asked =
  /\b(?:which|what|list(?:\s+(?:all|the))*|show(?:\s+(?:me|all|the))*)\s+(?:(?:are|is)\s+)?(?:the\s+)?(?:different\s+)?(?:micro)?(?:services?|programs?|daemons?|components?|applications?|apps?)\b(?=\s*(?:$|[?.!,;]|(?:has|have|had|is|are|was|were|with|that|which|log(?:s|ged)?|writes?|wrote|emit(?:s|ted)?|prints?|printed|generate[sd]?|raise[sd]?|report(?:s|ed)?|produce[sd]?|saw|sees?|got|get|show(?:s|ed)?|threw|throws?|fail(?:s|ed)?|crash(?:ed|es)?|restart(?:ed|s)?|time[ds]?|did|do|does|could|can)\b))/i
const parted =
  /\b(?:(?:grouped|broken\s+down|split)\s+)?(?:per|by|for\s+each|for\s+every)\s+services?\b(?=\s*(?:$|[?.!,;]|(?:in|on|at|of|during|since|for|and|with)\b))/i
const leading = /^\s*services\b(?=\s+(?:with|that|having|which)\b)/i

/** "which services had errors", "errors per service": null for a question that wants no parts. */
export function findGrouping(text: string): Grouping | null {
  for (const pattern of [parted, asked, leading]) {
    const match = pattern.exec(text)
    if (match) return { by: 'service', index: match.index, end: match.index + match[0].length }
  }
  return null
}

/** "which hosts had errors", "errors per pod": parts that are not counted, which the answer says; null for none. */
export function findOtherGrouping(text: string): string | null {
  const match =
    /\b(?:per|by|for\s+each)\s+(host|pod|node|container|user|ip)s?\b(?=\s*(?:$|[?.!,;]|(?:in|on|at|of|during|since|for|and|with)\b))|\b(?:which|what)\s+(host|pod)s?\s+(?:has|have|had|logged|saw|got|with)\b/i.exec(
      text,
    )
  return match ? (match[1] ?? match[2] ?? '').toLowerCase() : null
}
