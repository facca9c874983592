import { type Command, InvalidArgumentError } from 'commander'
import { MillraceError } from '../base/errors.ts'
import type { EvidenceItem, SearchFilters } from '../knowledge/evidence.ts'
import { type EventUnit, findUnit } from '../knowledge/find-unit.ts'
import { listServices } from '../knowledge/list-services.ts'
import { type SearchExplanation, search } from '../knowledge/search.ts'
import {
  type SeverityName,
  severityName,
  severityNames,
  severityRange,
} from '../knowledge/severity.ts'
import { formatCitation } from '../log/citation.ts'
import { listStreams } from '../log/list-streams.ts'
import { contentWords } from '../query/question/content-words.ts'
import { findNamed } from '../query/question/identifiers.ts'
import { withoutIdentifiers } from '../query/question/without-identifiers.ts'
import { requireStream } from '../query/require-stream.ts'
import { indexWhatIsLeft } from './ask.ts'
import { createAskDeps } from './asking.ts'
import { createAssistant } from './assistant.ts'
import { isoTime } from './iso-time.ts'
import { printExplanation } from './search/print-explanation.ts'
import { printFound } from './search/print-found.ts'
import { type Session, withSession } from './session.ts'
import { since } from './since.ts'
import { wholeNumber } from './whole-number.ts'

interface SearchOptions {
  stream?: string
  service: string[]
  severity?: SeverityName
  host?: string
  pod?: string
  trace?: string
  since?: number
  from?: Date
  to?: Date
  limit: number
  around: number
  explain?: boolean
  index: boolean
  json?: boolean
}

/** A hit as it is shown and sent. */
export interface ShownHit {
  item: EvidenceItem
  unit: EventUnit | null
}

export function registerSearch(program: Command): void {
  program
    .command('search <text...>')
    .description('find the events nearest to some words, one a pattern, with citations')
    .option('-s, --stream <name>', 'search this stream only')
    .option('--service <name>', 'only events of this service; may be repeated', collect, [])
    .option('--severity <name>', `this severe or more: ${names}`, severity)
    .option('--host <name>', 'only events of this host')
    .option('--pod <name>', 'only events of this pod')
    .option('--trace <id>', 'only events of this trace')
    .option('--since <span>', 'only the last 90s, 30m, 6h, 7d, 2w', since)
    .option('--from <time>', 'only events at or after this ISO time', isoTime)
    .option('--to <time>', 'only events before this ISO time', isoTime)
    .option('-n, --limit <count>', 'most events to show', wholeNumber, 10)
    .option(
      '--around <count>',
      'show with each event its trace, or what its pod or service said around an error, or its neighbours: this many lines before and after',
      wholeNumber,
      0,
    )
    .option('--explain', 'show what each leg found and why it ranks where it does')
    .option('--no-index', 'do not index first what no worker has indexed yet')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Words in quotation marks and what looks like an identifier (ids, addresses, hosts, paths) are looked for exactly.

Examples:
  millrace search connection refused --since 1h --severity warn
  millrace search "order 48213" --around 5
  millrace search disk nearly full --service orders-db --explain`,
    )
    .action((words: string[], options: SearchOptions) =>
      withSession((session) => searchFor(session, words.join(' ').trim(), options)),
    )
}

const names = severityNames.map((name) => name.toLowerCase()).join(', ')

function collect(value: string, values: string[]): string[] {
  return [...values, value]
}

function severity(text: string): SeverityName {
  const name = severityNames.find((one) => one === text.toUpperCase())
  if (name === undefined) throw new InvalidArgumentError(`expected one of ${names}.`)
  return name
}

async function searchFor(session: Session, text: string, options: SearchOptions): Promise<void> {
  if (text === '')
    throw new MillraceError(
      'invalid_argument',
      'expected words, as in: millrace search "disk full"',
    )
  await using assistant = await createAssistant(session)
  if (options.index) await indexWhatIsLeft(session, assistant)
  const filters = await filtersOf(session, options)
  const deps = createAskDeps(session, assistant, { useModel: false })
  const { identifiers, phrases } = findNamed(text, new Set())
  const words = [...contentWords(withoutIdentifiers(text, identifiers)), ...phrases]
  const started = performance.now()
  const found = await search(
    deps,
    { text, identifiers, words, filters },
    { limit: options.limit, signal: session.signal },
  )
  const hits: ShownHit[] = []
  for (const item of found.items)
    hits.push({
      item,
      unit: options.around > 0 ? await findUnit(deps, item, { around: options.around }) : null,
    })
  const tookMs = Math.round(performance.now() - started)
  if (options.json) {
    const report = {
      text,
      filters,
      hits: hits.map(toJsonHit),
      shown: hits.length,
      total: found.total,
      identifiers: found.identifiers,
      ...(options.explain ? { explanation: found.explanation } : {}),
      tookMs,
    }
    console.log(JSON.stringify(report, null, 2))
    return
  }
  printFound(hits, { ...found, tookMs })
  if (options.explain) await explain(session, found.explanation)
}

/** The options as filters. What does not exist is said, with what there is: a filter that fits nothing finds nothing. */
async function filtersOf(session: Session, options: SearchOptions): Promise<SearchFilters> {
  const { stream, service, host, pod, trace } = options
  if (options.since !== undefined && options.from !== undefined)
    throw new MillraceError('invalid_argument', 'expected --since or --from, got both')
  if (stream !== undefined)
    requireStream(
      stream,
      (await listStreams(session)).map(({ name }) => name),
    )
  const known = service.length > 0 ? await listServices(session) : []
  for (const name of service)
    if (!known.includes(name))
      throw new MillraceError(
        'not_found',
        `no events of a service "${name}"; there are: ${known.slice(0, 30).join(', ') || 'none'}`,
      )
  const from =
    options.since === undefined ? (options.from ?? null) : new Date(Date.now() - options.since)
  const to = options.to ?? null
  if (from && to && from >= to)
    throw new MillraceError('invalid_argument', 'expected --from before --to')
  return {
    from,
    to,
    services: service,
    minSeverity: options.severity ? severityRange(options.severity).min : 0,
    streams: stream === undefined ? [] : [stream],
    ...(host === undefined ? {} : { host }),
    ...(pod === undefined ? {} : { pod }),
    ...(trace === undefined ? {} : { traceId: trace }),
  }
}

async function explain(session: Session, explanation: SearchExplanation): Promise<void> {
  const { rows } = await session.pool.query<{ id: number; template: string; service: string }>(
    'select id, template, service from millrace.pattern where id = any($1::int[])',
    [explanation.ranking.slice(0, 20).map((hit) => hit.patternId)],
  )
  printExplanation(explanation, new Map(rows.map((row) => [row.id, row])))
}

function toJsonHit({ item, unit }: ShownHit) {
  const { citation, severity: number, score, legs, ...event } = item
  return {
    citation: formatCitation(citation),
    ...event,
    severity: severityName(number),
    score,
    legs,
    ...(unit
      ? {
          unit: {
            kind: unit.kind,
            label: unit.label,
            events: unit.events.map(({ citation: place, severity: level, ...rest }) => ({
              citation: formatCitation(place),
              ...rest,
              severity: severityName(level),
            })),
          },
        }
      : {}),
  }
}
