import type { Command } from 'commander'
import { bucketFor, countBuckets } from '../../knowledge/patterns/count-buckets.ts'
import { readPattern, type WholePattern } from '../../knowledge/patterns/read-pattern.ts'
import { severityName } from '../../knowledge/severity.ts'
import { formatCitation } from '../../log/citation.ts'
import { oneLine } from '../one-line.ts'
import { addWindowOptions, openScope, type Scope, type ScopeOptions } from '../scope.ts'
import { type Session, withSession } from '../session.ts'
import { toJson } from '../to-json.ts'
import { wholeNumber } from '../whole-number.ts'
import { sparkline } from './sparkline.ts'

const maxBuckets = 48

export function registerShow(patterns: Command): void {
  const command = patterns
    .command('show')
    .description('show a pattern: its counts over time and its latest lines with citations')
    .argument('<id>', 'as `list` prints it', patternId)
  addWindowOptions(command, 'all there is')
    .option('--lines <count>', 'latest lines shown', wholeNumber, 10)
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Examples:
  millrace patterns show 17
  millrace patterns show 17 --since 1h --lines 50`,
    )
    .action((id: number, options: ScopeOptions & { lines: number; json?: boolean }) =>
      withSession(async (session) => {
        const scope = await openScope(session, options, { sinceMs: null })
        const { filters } = scope
        const { lines } = options
        const pattern = await readPattern(session, { patternId: id, filters }, { lines })
        const minutes = await readBuckets(session, scope, pattern)
        if (options.json) console.log(toJson(asJson(scope, pattern, minutes)))
        else for (const line of format(scope, pattern, minutes)) console.log(line)
      }),
    )
}

/** Ids are PostgreSQL's `integer`; a larger number is the id of nothing. */
function patternId(text: string): number {
  return Math.min(wholeNumber(text), 2 ** 31 - 1)
}

interface Bucket {
  from: Date
  count: number
}

/** From the first event to the last, or over the window where it is given. */
async function readBuckets(
  session: Session,
  { filters }: Scope,
  { patternId, first, last }: WholePattern,
): Promise<{ bucketMs: number; buckets: Bucket[] }> {
  if (first === null || last === null) return { bucketMs: 60_000, buckets: [] }
  const from = filters.from ?? first
  const to = filters.to ?? new Date(last.getTime() + 1)
  const bucketMs = bucketFor({ from, to }, maxBuckets)
  const window = { from, to, streams: filters.streams }
  const input = { patternIds: [patternId], filters: window, bucketMs }
  const counts = (await countBuckets(session, input)).get(patternId) ?? []
  const start = Math.floor(from.getTime() / 60_000) * 60_000
  const buckets = counts.map((count, index) => ({
    from: new Date(start + index * bucketMs),
    count,
  }))
  return { bucketMs, buckets }
}

function asJson(
  { filters: { from, to, streams }, unindexed }: Scope,
  { patternId, service, severity, latest, ...pattern }: WholePattern,
  { bucketMs, buckets }: { bucketMs: number; buckets: Bucket[] },
) {
  return {
    window: { from, to },
    filters: { streams },
    unindexed,
    id: patternId,
    service: service === '' ? null : service,
    severity: severityName(severity),
    ...pattern,
    bucketSeconds: bucketMs / 1_000,
    buckets,
    latest: latest.map(({ citation, at, host, pod, traceId, text }) => ({
      citation: formatCitation(citation),
      at,
      host,
      pod,
      traceId,
      text,
    })),
  }
}

function format(
  { teller, unindexed }: Scope,
  pattern: WholePattern,
  { bucketMs, buckets }: { bucketMs: number; buckets: Bucket[] },
): string[] {
  const { count, first, last, latest } = pattern
  const name = [severityName(pattern.severity), pattern.service].filter(Boolean).join(' ')
  const counts = buckets.map((bucket) => bucket.count)
  const most = buckets.reduce((a, b) => (b.count > a.count ? b : a), {
    from: new Date(0),
    count: 0,
  })
  const per = bucketMs >= 3_600_000 ? `${bucketMs / 3_600_000} h` : `${bucketMs / 60_000} min`
  const several = (number: number, noun: string) =>
    `${number.toLocaleString('en')} ${noun}${number === 1 ? '' : 's'}`
  return [
    `pattern ${pattern.patternId}${name === '' ? '' : `: ${name}`}`,
    `  template    ${oneLine(pattern.template, 160)}`,
    `  example     ${oneLine(pattern.example, 160)}`,
    `  made of     ${several(pattern.shapes, 'shape')}, generalised ${several(pattern.generalised, 'time')}`,
    ...(first === null || last === null
      ? ['  events      none in the window']
      : [
          `  events      ${count.toLocaleString('en')}, ${teller.span(first, last)} ${teller.zoneAt(last)}`,
          `  per ${per.padEnd(8)}${sparkline(counts)}`,
          `  most        ${most.count.toLocaleString('en')} in the ${per} from ${teller.at(most.from)}`,
          ...(latest.length === 0
            ? []
            : [`  latest      ${latest.length} of ${several(count, 'line')}`]),
        ]),
    ...latest.flatMap((event) => [
      `${formatCitation(event.citation)}  ${teller.at(event.at)}${event.host ? `  ${event.host}` : ''}`,
      `    ${oneLine(event.text, 160)}`,
    ]),
    ...(unindexed === 0 ? [] : [`${unindexed.toLocaleString('en')} records are not indexed yet`]),
  ]
}
