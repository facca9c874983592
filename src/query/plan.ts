import { MillraceError } from '../base/errors.ts'
import type { SearchFilters } from '../knowledge/evidence.ts'
import { contentWords } from './question/content-words.ts'
import { withoutFrame, withoutVerbOfTime } from './question/frame.ts'
import { findNamed } from './question/identifiers.ts'
import { findServices } from './question/services.ts'
import { findSeverity } from './question/severity.ts'
import { kindOfQuestion, type QuestionKind } from './question-kind.ts'
import { parseTimeRange, type TimeRange } from './time-range.ts'

/** What a question is taken to mean. */
export interface Plan {
  question: string
  kind: QuestionKind
  /** The window that the question names; null: all that is there. */
  range: TimeRange | null
  filters: SearchFilters
  /**
   * What is left to search for: no time words, no filters, no "show me all". The filters' own words where there is nothing
   * else; empty where there is not even that.
   */
  text: string
  /** Exact tokens that name things, as written: ids, addresses, hosts, paths, user names, numbers that name something. */
  identifiers: readonly string[]
  /** Quoted text that is no identifier. */
  phrases: readonly string[]
  /** Content words for exact counting, lower case: no stop words, none of the identifiers. */
  words: readonly string[]
  /** When, and in which time zone, the question was asked: its answer is told in the same. */
  now: Date
  timeZone: string
}

export interface PlanContext {
  now: Date
  /** IANA name of the asker's time zone. */
  timeZone: string
  /** Known service names. */
  services: readonly string[]
  /** Streams to search; empty for all. The question may name some of them ("stream audit"). */
  streams: readonly string[]
}

/** A question is a sentence or two, not a log file. */
const maxLength = 2000

/**
 * Reads a question by rules, the same way each time. Fails with `invalid_argument` on an empty question, one of more than
 * 2,000 characters, a time range that ends before it begins and an unknown time zone.
 */
export function planQuestion(question: string, context: PlanContext): Plan {
  const { now, timeZone } = context
  const asked = question.trim()
  if (asked === '' || asked.length > maxLength)
    throw new MillraceError(
      'invalid_argument',
      `expected a question of 1 to ${maxLength} characters, got ${asked.length}`,
    )
  const { range, rest } = parseTimeRange(asked, { now, timeZone })
  const names = new Set(context.services.map((name) => name.toLowerCase()))
  const named = findNamed(rest, names)
  const open = withoutQuotes(rest)
  const services = findServices(open, context.services)
  const severities = findSeverity(
    open,
    services.map((mention) => mention.service),
  )
  const streams = findStreams(open, context.streams)
  const filtering = [...services, ...severities, ...streams]
  const dropped = filtering.filter(
    (mention) => !('isOnlyFilter' in mention) || mention.isOnlyFilter,
  )
  const wanted = kindOfQuestion(rest, { hasRange: range !== null })
  const words = contentWords(
    withoutIdentifiers(framed(cut(rest, filtering), wanted), named.identifiers),
  )
  const isBare = words.length === 0 && named.identifiers.length === 0
  const kind = wanted === 'find' && isBare ? kindOfListing(filtering.length, range) : wanted
  return {
    question: asked,
    kind,
    range,
    filters: {
      from: range?.from ?? null,
      to: range?.to ?? null,
      services: [...new Set(services.map((mention) => mention.service))],
      minSeverity:
        severities.length === 0 ? 0 : Math.min(...severities.map((one) => one.minSeverity)),
      streams: streams.length === 0 ? context.streams : streams.map((mention) => mention.name),
    },
    text: isBare && filtering.length === 0 ? '' : framed(isBare ? rest : cut(rest, dropped), kind),
    ...named,
    words,
    now,
    timeZone,
  }
}

/** What a question wants that names nothing to find: "errors in checkout" the most frequent, "the last hour" what stands out. */
function kindOfListing(filters: number, range: TimeRange | null): QuestionKind {
  if (filters > 0) return 'top'
  return range === null ? 'find' : 'around'
}

function framed(text: string, kind: QuestionKind): string {
  const rest = withoutFrame(text)
  return kind === 'trend' ? withoutVerbOfTime(rest) : rest
}

interface Place {
  index: number
  end: number
}

/** "stream audit", "the audit stream": only names that may be searched. */
function findStreams(text: string, streams: readonly string[]): (Place & { name: string })[] {
  const patterns = [/\bstreams?\s+["'`]?([\w.-]*\w)/gi, /\b([\w.-]+)\s+stream\b/gi]
  return patterns.flatMap((pattern) =>
    [...text.matchAll(pattern)].flatMap((match) => {
      const name = streams.find((known) => known === match[1])
      const { index } = match
      return name === undefined ? [] : [{ name, index, end: index + match[0].length }]
    }),
  )
}

/** Without the places, and the prepositions that led to them. */
function cut(text: string, places: readonly Place[]): string {
  let rest = text
  for (const { index, end } of places.toSorted((a, b) => b.index - a.index)) {
    const head = rest
      .slice(0, index)
      .replace(/(?:\b(?:in|from|of|by|on|for|inside|within|the|our)\s+)+$/i, '')
    rest = `${head} ${rest.slice(end).replace(/^['’]s\b/, '')}`
  }
  return rest.replace(/\s+/g, ' ').trim()
}

/** Quoted text is looked for, not obeyed: blanked, at the same length. */
function withoutQuotes(text: string): string {
  return text.replace(/"[^"]*"|`[^`]*`|“[^”]*”/g, (match) => '\u0001'.repeat(match.length))
}

const kindNames =
  'errors?|status|codes?|http|ports?|pid|process|id|instance|order|job|task|session|request|req|uid|customer|account|line|node|thread|block|container|transaction|host|pod|ip|address|trace|number'

/** An identifier with the noun that says what it is, which its lines need not say: "order ORD-1", "error 500". */
function kindBefore(value: string): RegExp {
  const escaped = value.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  return new RegExp(`(?:\\b(?:${kindNames})\\s*[:=#]?\\s*)*${escaped}s?`, 'gi')
}

/** Identifiers are searched for themselves; a plain word among them (a user's name) stays a word. */
function withoutIdentifiers(text: string, identifiers: readonly string[]): string {
  let rest = text
  for (const value of identifiers)
    if (!/^\p{L}+$/u.test(value)) rest = rest.replace(kindBefore(value), ' ')
  return rest
}
