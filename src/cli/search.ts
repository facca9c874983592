import type { Command } from 'commander'
import { MillraceError } from '../base/errors.ts'
import type { EvidenceItem, SearchFilters } from '../knowledge/evidence.ts'
import { type EventUnit, findUnit } from '../knowledge/find-unit.ts'
import { type SearchExplanation, search } from '../knowledge/search.ts'
import { severityName } from '../knowledge/severity.ts'
import { formatCitation } from '../log/citation.ts'
import { contentWords } from '../query/question/content-words.ts'
import { findNamed } from '../query/question/identifiers.ts'
import { withoutIdentifiers } from '../query/question/without-identifiers.ts'
import { createAskDeps } from './asking.ts'
import { createAssistant } from './assistant.ts'
import { addFilterOptions, addWindowOptions, openScope, type ScopeOptions } from './scope.ts'
import { printExplanation } from './search/print-explanation.ts'
import { printFound } from './search/print-found.ts'
import { type Session, withSession } from './session.ts'
import { wholeNumber } from './whole-number.ts'

interface SearchOptions extends ScopeOptions {
  host?: string
  pod?: string
  trace?: string
  limit: number
  around: number
  explain?: boolean
  json?: boolean
}

/** A hit as it is shown and sent. */
export interface ShownHit {
  item: EvidenceItem
  unit: EventUnit | null
}

export function registerSearch(program: Command): void {
  const command = program
    .command('search <text...>')
    .description('find the events nearest to some words, one a pattern, with citations')
  addFilterOptions(addWindowOptions(command, 'all there is'))
    .option('--host <name>', 'only events of this host')
    .option('--pod <name>', 'only events of this pod')
    .option('--trace <id>', 'only events of this trace')
    .option('-n, --limit <count>', 'most events to show', wholeNumber, 10)
    .option(
      '--around <count>',
      'show with each event its trace, or what its pod or service said around an error, or its neighbours: this many lines before and after',
      wholeNumber,
      0,
    )
    .option('--explain', 'show what each leg found and why it ranks where it does')
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

async function searchFor(session: Session, asked: string, options: SearchOptions): Promise<void> {
  if (asked === '')
    throw new MillraceError(
      'invalid_argument',
      'expected words, as in: millrace search "disk full"',
    )
  await using assistant = await createAssistant(session)
  const { host, pod, trace } = options
  const scope = await openScope(session, options, { sinceMs: null, assistant })
  const filters: SearchFilters = {
    ...scope.filters,
    ...(host === undefined ? {} : { host }),
    ...(pod === undefined ? {} : { pod }),
    ...(trace === undefined ? {} : { traceId: trace }),
  }
  const deps = createAskDeps(session, assistant, { useModel: false })
  const text = (await deps.redact?.(asked)) ?? asked
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
      unindexed: scope.unindexed,
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
