import { MillraceError } from '../base/errors.ts'
import type { SearchFilters } from '../knowledge/evidence.ts'
import { correctAsking } from './question/asking-typos.ts'
import { asksForBeginning, withoutVerbsOfBeginning } from './question/beginning.ts'
import { contentWords } from './question/content-words.ts'
import { withoutFrame, withoutVerbOfTime, withoutVerbOfWriting } from './question/frame.ts'
import { findGrouping, findOtherGrouping, type Grouping } from './question/grouping.ts'
import { findNamed, findUnusedNumbers } from './question/identifiers.ts'
import { notesOn } from './question/notes.ts'
import { findSmallNumbers } from './question/numbers.ts'
import { findServices, type ServiceMention } from './question/services.ts'
import { findSeverity, type SeverityMention } from './question/severity.ts'
import { findStreams } from './question/streams.ts'
import { withoutIdentifiers } from './question/without-identifiers.ts'
import { kindOfQuestion, type QuestionKind } from './question-kind.ts'
import { findTimesNotUnderstood } from './time/not-understood.ts'
import { correctUnits } from './time/unit-typos.ts'
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
  /** Numbers of one or two digits that say which one is meant: "server 2". */
  numbers: readonly string[]
  /** Services among the filters whose names could be any word: they may have been meant as one. */
  plainServices: readonly string[]
  /** What the counts are parted by, where the question says so; null: by pattern. */
  groupBy: Grouping['by'] | null
  /** It asks for what is new in the window: "which errors began". */
  isAboutBeginning: boolean
  /** Sentences on what in the question was not understood or not used. */
  notes: readonly string[]
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
  const timed = parseTimeRange(correctAsking(correctUnits(asked)), { now, timeZone })
  const { range } = timed
  const { said, rest: untimed } = findTimesNotUnderstood(timed.rest)
  const rest = withoutVerbOfWriting(untimed)
  const names = new Set(context.services.map((name) => name.toLowerCase()))
  const named = findNamed(rest, names)
  const open = withoutQuotes(rest)
  const streams = findStreams(open, context.streams)
  const services = findServices(open, context.services).filter((mention) =>
    streams.every((stream) => mention.end <= stream.index || mention.index >= stream.end),
  )
  const severities = findSeverity(
    open,
    services.map((mention) => mention.service),
  ).filter((mention) => !isStatus(open.slice(0, mention.index), named.identifiers))
  const wanted = kindOfQuestion(rest, { hasRange: range !== null })
  const grouping = parts.includes(wanted) ? findGrouping(open) : null
  const isFree = (place: Place) =>
    grouping === null || place.end <= grouping.index || place.index >= grouping.end
  const filtering = [...services, ...severities, ...streams].filter(isFree)
  const groups = grouping ? [grouping] : []
  const dropped = filtering.filter(
    (mention) => !('isOnlyFilter' in mention) || mention.isOnlyFilter,
  )
  const words = withoutVerbsOfBeginning(
    contentWords(
      withoutIdentifiers(framed(cut(rest, [...filtering, ...groups]), wanted), named.identifiers),
    ),
    { hasFilter: severities.length > 0 || (range !== null && /^\s*what\b/i.test(rest)) },
  )
  const isBare = words.length === 0 && named.identifiers.length === 0
  const isAboutBeginning = isBare && wanted === 'find' && asksForBeginning(rest)
  const listing = isAboutBeginning ? 'around' : kindOfListing(filtering.length, range)
  const kind = wanted !== 'find' ? wanted : grouping ? 'top' : isBare ? listing : wanted
  return {
    question: asked,
    kind,
    range,
    filters: {
      from: range?.from ?? null,
      to: range?.to ?? null,
      services: [...new Set(services.filter(isFree).map((mention) => mention.service))],
      minSeverity:
        severities.length === 0 ? 0 : Math.min(...severities.map((one) => one.minSeverity)),
      ...(countKinds.includes(kind) ? gravest(severities) : {}),
      streams: streams.length === 0 ? context.streams : streams.map((mention) => mention.name),
    },
    text:
      isBare && filtering.length === 0
        ? ''
        : framed(isBare ? rest : cut(rest, [...dropped, ...groups]), kind),
    ...named,
    words,
    numbers: findSmallNumbers(open),
    plainServices: plainOnes(services.filter(isFree)),
    groupBy: grouping?.by ?? null,
    isAboutBeginning,
    notes: notesOn({
      said,
      range,
      unused: findUnusedNumbers(open, named.identifiers),
      parts: findOtherGrouping(open),
    }),
    now,
    timeZone,
  }
}

/** The kinds of question whose answer may be in parts. */
const parts: readonly QuestionKind[] = ['find', 'count', 'top']

/** What is counted of "warnings" are those; of "errors", "warnings and errors" also what is above. */
const countKinds: readonly QuestionKind[] = ['count', 'top', 'trend']

function gravest(severities: readonly SeverityMention[]): { maxSeverity?: number } {
  const ends = severities.map((mention) => mention.maxSeverity ?? Number.POSITIVE_INFINITY)
  const maxSeverity = Math.max(...ends)
  return Number.isFinite(maxSeverity) ? { maxSeverity } : {}
}

/** Those that no mention says to be services. */
function plainOnes(mentions: readonly ServiceMention[]): string[] {
  const sure = new Set(mentions.filter((one) => one.isOnlyFilter).map((one) => one.service))
  return [...new Set(mentions.map((one) => one.service))].filter((name) => !sure.has(name))
}

/** "500 errors" are those with that status, at whatever level they are logged. */
function isStatus(before: string, identifiers: readonly string[]): boolean {
  const number = /\b(\d{3})\s+$/.exec(before)?.[1]
  return number !== undefined && identifiers.includes(number)
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
