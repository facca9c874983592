const kindNames =
  'errors?|status|codes?|http|ports?|pid|process|id|instance|order|job|task|session|request|req|uid|customer|account|line|node|thread|block|container|transaction|host|pod|ip|address|trace|number'

/** An identifier with the noun that says what it is, which its lines need not say: "order ORD-1", "error 500". */
function kindBefore(value: string): RegExp {
  const escaped = value.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  const behind = /^\d{3}$/.test(value) ? '(?:\\s+(?:responses?|errors?|status(?:es)?|codes?))*' : ''
  return new RegExp(`(?:\\b(?:${kindNames})\\s*[:=#]?\\s*)*${escaped}s?${behind}`, 'gi')
}

/** Identifiers are searched for themselves; a plain word among them (a user's name) stays a word. */
export function withoutIdentifiers(text: string, identifiers: readonly string[]): string {
  let rest = text
  for (const value of identifiers)
    if (!/^\p{L}+$/u.test(value)) rest = rest.replace(kindBefore(value), ' ')
  return rest
}
