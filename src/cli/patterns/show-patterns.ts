import type { PatternCount } from '../../knowledge/count-events.ts'
import { bucketFor, countBuckets } from '../../knowledge/patterns/count-buckets.ts'
import { severityName } from '../../knowledge/severity.ts'
import { oneLine } from '../one-line.ts'
import type { Scope } from '../scope.ts'
import type { Session } from '../session.ts'
import { toJson } from '../to-json.ts'
import { type Column, printTable } from './print-table.ts'
import { sparkline } from './sparkline.ts'

/** Patterns that were found, of how many, and what is told of each beside what is told of all. */
export interface Listing<T extends PatternCount> {
  patterns: readonly T[]
  total: { patterns: number; events?: number }
  /** What they are, for the line that sums up: `new patterns`. */
  noun: string
  /** More columns, after the count. */
  columns: readonly (Column & { cell: (pattern: T) => string })[]
  /** What the JSON has more. */
  more: (pattern: T) => Record<string, unknown>
  /** More keys of the JSON as a whole. */
  about?: Record<string, unknown>
  /** The span of the sparkline; default: the window. */
  drawn?: { from: Date; to: Date }
  /** A sentence more for people. */
  note?: string
}

const maxBuckets = 24

/** Prints a listing, for people or as JSON: how many there are is always said, so that what a limit hides is known. */
export async function showPatterns<T extends PatternCount>(
  session: Session,
  scope: Scope,
  listing: Listing<T>,
  options: { json?: boolean },
): Promise<void> {
  const buckets = await drawBuckets(session, scope, listing)
  if (options.json) console.log(toJson(asJson(scope, listing, buckets)))
  else print(scope, listing, buckets)
}

interface Buckets {
  from: Date
  bucketMs: number
  counts: Map<number, number[]>
}

async function drawBuckets<T extends PatternCount>(
  session: Session,
  { filters, extent }: Scope,
  { patterns, drawn }: Listing<T>,
): Promise<Buckets | null> {
  const from = drawn?.from ?? filters.from ?? extent.first
  const to = drawn?.to ?? filters.to ?? (extent.last && new Date(extent.last.getTime() + 1))
  if (!from || !to || from >= to) return null
  const window = { from, to, streams: filters.streams }
  const bucketMs = bucketFor(window, maxBuckets)
  const patternIds = patterns.map((pattern) => pattern.patternId)
  const counts = await countBuckets(session, { patternIds, filters: window, bucketMs })
  return { from: new Date(Math.floor(from.getTime() / 60_000) * 60_000), bucketMs, counts }
}

function asJson<T extends PatternCount>(
  { filters, extent, unindexed }: Scope,
  { patterns, total, more, about }: Listing<T>,
  buckets: Buckets | null,
) {
  const { from, to, services, minSeverity, streams } = filters
  return {
    window: { from, to },
    filters: { services, severity: severityName(minSeverity), streams },
    known: extent,
    unindexed,
    ...about,
    shown: patterns.length,
    total,
    buckets: buckets && { from: buckets.from, seconds: buckets.bucketMs / 1_000 },
    patterns: patterns.map((pattern) => ({
      id: pattern.patternId,
      service: pattern.service === '' ? null : pattern.service,
      severity: severityName(pattern.severity),
      template: pattern.template,
      count: pattern.count,
      first: pattern.first,
      last: pattern.last,
      ...more(pattern),
      counts: buckets?.counts.get(pattern.patternId) ?? [],
    })),
  }
}

function print<T extends PatternCount>(
  scope: Scope,
  { patterns, total, noun, columns, note }: Listing<T>,
  buckets: Buckets | null,
): void {
  const { teller } = scope
  if (patterns.length > 0)
    printTable(
      [
        { title: 'id', align: 'right' },
        { title: 'count', align: 'right' },
        ...columns,
        { title: 'first' },
        { title: 'last' },
        { title: 'severity' },
        { title: 'service' },
        { title: buckets ? `per ${lengthOf(buckets.bucketMs)}` : '' },
        { title: 'template' },
      ],
      patterns.map((pattern) => [
        String(pattern.patternId),
        pattern.count.toLocaleString('en'),
        ...columns.map(({ cell }) => cell(pattern)),
        teller.at(pattern.first),
        teller.at(pattern.last),
        severityName(pattern.severity) ?? '-',
        pattern.service || '-',
        sparkline(buckets?.counts.get(pattern.patternId) ?? []),
        oneLine(pattern.template, 160),
      ]),
    )
  const events = total.events === undefined ? '' : `, ${total.events.toLocaleString('en')} events`
  const shown = patterns.length.toLocaleString('en')
  console.log(
    [
      total.patterns === 0
        ? `no ${noun}${tellWindow(scope)}`
        : `${shown} of ${total.patterns.toLocaleString('en')} ${noun}${events}${tellWindow(scope)}`,
      ...(note === undefined ? [] : [note]),
      ...tellKnown(scope),
      ...(scope.unindexed === 0
        ? []
        : [`${scope.unindexed.toLocaleString('en')} records are not indexed yet`]),
    ].join('\n'),
  )
}

function tellWindow({ filters: { from, to }, extent, teller }: Scope): string {
  if (from && to) return `, ${teller.span(from, to)} ${teller.zoneAt(to)}`
  if (to) return `, before ${teller.at(to)} ${teller.zoneAt(to)}`
  if (!extent.first || !extent.last) return ''
  return `, ${teller.span(extent.first, extent.last)} ${teller.zoneAt(extent.last)}`
}

/** Where the window has nothing because all there is lies elsewhere. */
function tellKnown({ filters: { from, to }, extent: { first, last }, teller }: Scope): string[] {
  if (!first || !last) return ['no event is indexed yet; append some with: millrace put FILE']
  if ((from && last < from) || (to && first >= to))
    return [
      `the window has no event at all: those there are lie in ${teller.span(first, last)} ${teller.zoneAt(last)}; give --from and --to`,
    ]
  return []
}

/** `1 min`, `2 h`, `1 d`. */
function lengthOf(ms: number): string {
  const minutes = ms / 60_000
  if (minutes % 1_440 === 0) return `${minutes / 1_440} d`
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${minutes} min`
}
