/** What a question asks for as a severity, and where it says so. */
export interface SeverityMention {
  minSeverity: number
  /** The gravest that is meant where that is one level alone ("warnings", "ERROR lines"); null: and above. */
  maxSeverity: number | null
  index: number
  end: number
}

/** OTel numbers. */
const levels = { warn: 13, error: 17, fatal: 21 } as const
type Level = keyof typeof levels

const words: readonly { level: Level; plural: string; singular: string }[] = [
  { level: 'fatal', plural: 'fatals|criticals', singular: 'fatal|critical' },
  { level: 'error', plural: 'errors', singular: 'error' },
  { level: 'warn', plural: 'warnings|warns', singular: 'warning|warn' },
]

const things = '(?:logs?|lines?|messages?|events?|entries|records?|levels?|severity)'
/** What may stand before a level that is asked for: nothing, a verb of asking, a determiner, a place. */
const asks =
  /(?:^|[.?!,;:]\s*|\b(?:show|list|find|get|give|see|tell|print|count|display|me|us|the|an?|at|level|severity|any|all|some|every|each|which|what|how many|no|many|most|more|number of|new|recent|latest|last|first|earliest|these|those|other|different|distinct|unique|common|frequent|top(?:\s+\d+)?|\d+|about|with|of|are|were|is|was|there|there were|did|does|do|has|have|had|log|logged|logs|report|reported|throw|threw|than|why|when|where|only|just|been|get|got|getting|for)\s+|\b(?:level|severity)\s*[=:]+\s*)$/i
/** The second of two levels: "errors and warnings". */
const isSecond = /\b(?:errors?|warnings?|fatals?|criticals?)\s+(?:and|or)\s+(?:the\s+)?$/i
/** What widens a level to those above it. */
const orAbove = /^[,\s]*(?:level\s+)?(?:and|or)\s+(?:worse|above|higher|up)\b/i
const behindOne =
  /^\s*(?:$|[?.!,;]|(?:in|from|on|at|by|of|did|does|do|are|were|was|is|has|have|logged|or|and|between|since|during|per)\b)/i
/** What makes a level part of what is asked: "error rate", "errors about X". */
const compounds =
  /^\s+(?:(?:and|or)\s+(?!(?:the\s+)?(?:warn|error|fatal|critical|worse|above|higher|up\b))|mention|contain|say|rates?|ratio|codes?|\d|pages?|handling|handler|handlers|budget|budgets|percentage|counts?|spikes?|about|mentioning|saying|that|which|with|like|named|called|:|["'`“])/i

/**
 * The least severity that a question filters by, or null.
 *
 * "errors in checkout", "show warnings" and "fatal events" filter; "error 500", "connection errors", "error rate" and
 * "parse error" are things to look for. The lowest of several counts: "errors and warnings". In doubt there is no filter.
 */
export function findSeverity(text: string, services: readonly string[]): SeverityMention[] {
  const mentions: SeverityMention[] = []
  for (const { level, plural, singular } of words) {
    const pattern = new RegExp(
      String.raw`(?<![\p{L}\p{N}_-])(?:(?<many>(?:(?:fatal|critical)\s+)?(?:${plural}))|(?<one>${singular})(?<thing>[\s-]+${things})?)(?![\p{L}\p{N}_-])`,
      'giu',
    )
    for (const match of text.matchAll(pattern)) {
      const { many, thing } = match.groups ?? {}
      const { index } = match
      const end = index + match[0].length
      const before = text.slice(Math.max(0, index - 40), index)
      const after = text.slice(end, end + 40)
      const isAsked =
        asks.test(before) || isSecond.test(before) || isBehindService(before, services)
      if (!isAsked || compounds.test(after)) continue
      const isLoud = /^\p{Lu}+/u.test(match[0]) && match[0].length > 3
      const isLevel = thing !== undefined || (isLoud && behindOne.test(after))
      if (many === undefined && !isLevel && !isOne(before, after, level, services)) continue
      const isFatal = many !== undefined && /^(?:fatal|critical)\s/i.test(many)
      const minSeverity = levels[isFatal ? 'fatal' : level]
      const above = orAbove.exec(after)?.[0] ?? ''
      const isOpen = above !== '' || /\b(?:at\s+least|least)\s+(?:an?\s+)?$/i.test(before)
      const isAlone = !isOpen && minSeverity < levels.fatal && (level === 'warn' || isLevel)
      const maxSeverity = isAlone ? minSeverity + 3 : null
      mentions.push({ minSeverity, maxSeverity, index, end: end + above.length })
    }
  }
  return withoutOverlap(mentions)
}

/** "the last error in checkout", "at error level"; not "the error in the parser", "was the error handled". */
function isOne(before: string, after: string, level: Level, services: readonly string[]): boolean {
  const most = /\b(?:most\s+(?:frequent|common)|commonest|top|main)\s+(?:[\w.-]+(?:['’]s)?\s+)?$/i
  if (most.test(before))
    return (
      (/\b(?:frequent|common|commonest|top|main)\s+$/i.test(before) ||
        isBehindService(before, services)) &&
      behindOne.test(after)
    )
  if (
    /\b(?:first|last|latest|earliest|any|an|each|every|most recent|severity|level)\s+$/i.test(
      before,
    )
  )
    return /^\s*(?:$|[?.!,;]|(?:in|from|on|at|by|of|logged|did|was|is)\b)/i.test(after)
  return level === 'fatal' && /^\s*$/.test(before) && /^\s*$/.test(after)
}

function isBehindService(before: string, services: readonly string[]): boolean {
  const text = before.toLowerCase().replace(/(?:['’]s)?\s+(?:service\s+)?$/, '')
  return text !== before.toLowerCase() && services.some((name) => text.endsWith(name.toLowerCase()))
}

function withoutOverlap(mentions: readonly SeverityMention[]): SeverityMention[] {
  const sorted = mentions.toSorted((a, b) => a.index - b.index || b.end - a.end)
  return sorted.filter((mention, at) =>
    sorted.slice(0, at).every((other) => other.end <= mention.index),
  )
}
