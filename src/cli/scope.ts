import { type Command, InvalidArgumentError } from 'commander'
import { MillraceError } from '../base/errors.ts'
import { databaseNow } from '../db/database-now.ts'
import { findExtent } from '../knowledge/count-events.ts'
import type { SearchFilters } from '../knowledge/evidence.ts'
import { listServices } from '../knowledge/list-services.ts'
import { severityOfWord } from '../knowledge/severity.ts'
import { listStreams } from '../log/list-streams.ts'
import { countBehind } from '../pipeline/lag.ts'
import { logsPipelineName } from '../pipeline/logs-pipeline.ts'
import { createTimeTeller, type TimeTeller } from '../query/answer/show-time.ts'
import { requireStream } from '../query/require-stream.ts'
import { indexWhatIsLeft } from './ask.ts'
import { type Assistant, createAssistant } from './assistant.ts'
import type { Session } from './session.ts'
import { anyMoment, type Moment, span } from './span.ts'

/** What every search and listing can be confined to. */
export interface ScopeOptions {
  since?: number
  from?: Moment
  to?: Moment
  service?: string[]
  severity?: number
  stream?: string[]
  now?: Date
  timeZone?: string
  index: boolean
}

/** What is looked at, and how its times are told. */
export interface Scope {
  filters: SearchFilters
  /** The first and last event there is in these streams. */
  extent: { first: Date | null; last: Date | null }
  now: Date
  teller: TimeTeller
  /** Records that are in the log but not events yet. */
  unindexed: number
}

export function addWindowOptions(command: Command, window: string): Command {
  return command
    .option('--since <span>', `the time up to --to: 15m, 1h30m, 7d (default: ${window})`, span)
    .option('--from <time>', 'from this time on: ISO 8601, a day, or now-2h', anyMoment)
    .option('--to <time>', 'before this time (default: now)', anyMoment)
    .option('-s, --stream <name...>', 'only these streams')
    .option('--now <time>', 'what "now" means (default: the database clock)', fixedMoment)
    .option('--time-zone <zone>', "zone of the times that are shown (default: this process' own)")
    .option('--no-index', 'do not index first what no worker has indexed yet')
}

export function addFilterOptions(command: Command): Command {
  return command
    .option('--service <name...>', 'only these services')
    .option('--severity <level>', 'this severity and graver ones: info, warn, error', severity)
}

function fixedMoment(text: string): Date {
  return anyMoment(text)(new Date())
}

function severity(text: string): number {
  const number = severityOfWord(text)
  if (number === 0)
    throw new InvalidArgumentError('expected trace, debug, info, warn, error or fatal.')
  return number
}

/**
 * Indexes what is left, then reads the options. Fails with `not_found` on a stream or service that is unknown, naming
 * those that are, and with `invalid_argument` on a window that ends before it begins.
 */
export async function openScope(
  session: Session,
  options: ScopeOptions,
  { sinceMs, assistant }: { sinceMs: number | null; assistant?: Assistant },
): Promise<Scope> {
  const { pool } = session
  const streams = (await listStreams({ pool })).map((stream) => stream.name)
  for (const name of options.stream ?? []) requireStream(name, streams)
  const unindexed = await indexFirst(session, options, assistant)
  await requireServices(session, options.service ?? [])
  const now = options.now ?? (await databaseNow(pool))
  const timeZone = options.timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone
  const window = windowOf(options, now, { sinceMs })
  const filters: SearchFilters = {
    ...window,
    services: options.service ?? [],
    minSeverity: options.severity ?? 0,
    streams: options.stream ?? [],
  }
  const extent = await findExtent({ pool }, filters.streams)
  return { filters, extent, now, teller: createTimeTeller({ now, timeZone }), unindexed }
}

function windowOf(
  { since, from, to }: ScopeOptions,
  now: Date,
  { sinceMs }: { sinceMs: number | null },
): { from: Date | null; to: Date | null } {
  if (since !== undefined && from !== undefined)
    throw new MillraceError(
      'invalid_argument',
      'expected --since or --from, got both; --since counts back from --to',
    )
  const isWhole = since === undefined && from === undefined && to === undefined && sinceMs === null
  if (isWhole) return { from: null, to: null }
  const end = to?.(now) ?? now
  const back = since ?? sinceMs
  const begin = from?.(now) ?? (back === null ? null : new Date(end.getTime() - back))
  if (begin !== null && begin >= end)
    throw new MillraceError(
      'invalid_argument',
      `expected a window that begins before it ends, got ${begin.toISOString()} to ${end.toISOString()}`,
    )
  return { from: begin, to: end }
}

async function indexFirst(
  session: Session,
  { index }: ScopeOptions,
  assistant: Assistant | undefined,
): Promise<number> {
  const behind = () => countBehind(session, logsPipelineName)
  if (!index) return behind()
  if (assistant) await indexWhatIsLeft(session, assistant)
  else if ((await behind()) > 0) {
    await using own = await createAssistant(session)
    await indexWhatIsLeft(session, own)
  }
  return behind()
}

async function requireServices(session: Session, names: readonly string[]): Promise<void> {
  if (names.length === 0) return
  const known = await listServices(session)
  const unknown = names.find((name) => !known.includes(name))
  if (unknown === undefined) return
  const there = known.length > 0 ? `there are: ${known.join(', ')}` : 'no event has named one yet'
  throw new MillraceError('not_found', `no event came from service "${unknown}"; ${there}`, {
    details: { service: unknown },
  })
}
