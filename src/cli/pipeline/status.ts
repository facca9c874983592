import type { Command } from 'commander'
import { formatCitation } from '../../log/citation.ts'
import {
  type PipelineStatus,
  readPipelineStatus,
} from '../../pipeline/operations/read-pipeline-status.ts'
import { withSession } from '../session.ts'
import { toJson } from '../to-json.ts'
import { formatDuration } from './format-duration.ts'
import { formatWorkers } from './format-workers.ts'

export function registerStatus(pipeline: Command): void {
  pipeline
    .command('status <name>')
    .description('show a pipeline: definition, breaker, counts, and each of its shards')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  millrace pipeline status errors --json')
    .action((name: string, options: { json?: boolean }) =>
      withSession(async ({ pool }) => {
        const status = await readPipelineStatus({ pool }, { name })
        console.log(options.json ? toJson(status) : format(status).join('\n'))
      }),
    )
}

function format(status: PipelineStatus): string[] {
  const { totals, replayOf } = status
  const replay = replayOf === null ? '' : `, replay of ${replayOf}`
  return [
    `${status.name}: ${status.state}, ${formatWorkers(status.workers.length)}${replay}`,
    ...formatDefinition(status),
    `  breaker     ${formatBreaker(status.breaker)}`,
    `  behind      ${formatBehind(totals)}`,
    `  rate        ${totals.recordsPerSecond.toFixed(1)} records/s`,
    `  so far      ${totals.records} records in ${totals.batches} batches, ${totals.filtered} filtered, ${totals.dead} given up (${status.deadLetters} dead letters kept)`,
    `  embedding   ${totals.embedRequests} requests, ${totals.embedTokens} tokens`,
    ...formatRedacted(totals.redacted),
    ...status.shards.map(formatShard),
  ]
}

/** Nothing for a pipeline that has taken nothing out: many redact nothing. */
function formatRedacted(redacted: Record<string, number>): string[] {
  const rules = Object.entries(redacted).sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
  if (rules.length === 0) return []
  const shown = (count: number) => count.toLocaleString('en-US')
  const sum = rules.reduce((total, [, count]) => total + count, 0)
  const byRule = rules.map(([rule, count]) => `${rule} ${shown(count)}`).join(', ')
  return [`  redacted    ${shown(sum)}: ${byRule}`]
}

function formatDefinition({ definition, revision }: PipelineStatus): string[] {
  if (definition === null)
    return ['  definition  of an older version: a worker that has it in its configuration tells it']
  const { streams, start, steps, sinks } = definition
  const from = typeof start === 'string' ? start : start.timestamp
  const flow = [...steps, sinks.join(' + ')].join(' > ')
  return [
    `  definition  ${streams === 'all' ? 'all streams' : streams.join(', ')} from ${from} > ${flow} (revision ${revision})`,
  ]
}

function formatBreaker({
  state,
  since,
  nextProbeAt,
  failures,
  reason,
}: PipelineStatus['breaker']): string {
  if (state === 'closed') return state
  const shown = [
    `${state} since ${since?.toISOString() ?? 'an unknown time'}`,
    ...(nextProbeAt === null ? [] : [`next probe ${nextProbeAt.toISOString()}`]),
    `${failures} failure(s)`,
  ]
  return reason === null ? shown.join(', ') : `${shown.join(', ')}: ${reason}`
}

function formatBehind({
  behind,
  iteratorAgeMs,
  expiresInMs,
}: Pick<PipelineStatus['totals'], 'behind' | 'iteratorAgeMs' | 'expiresInMs'>): string {
  if (expiresInMs === null) return 'caught up'
  return `${behind} records, the oldest for ${formatDuration(iteratorAgeMs)}; retention takes it in ${formatDuration(expiresInMs)}`
}

function formatShard(shard: PipelineStatus['shards'][number]): string {
  const { owner, leaseExpiresAt, failures, lastError, lastErrorAt, retryAt } = shard
  const failed = `${failures} failure(s), last ${lastErrorAt?.toISOString() ?? 'at an unknown time'}: ${lastError}`
  return [
    `  ${formatCitation(shard)}`,
    shard.behind === 0
      ? 'caught up'
      : `${shard.behind} behind, for ${formatDuration(shard.iteratorAgeMs)}`,
    ...(owner === null ? [] : [`${owner} until ${leaseExpiresAt?.toISOString()}`]),
    ...(retryAt === null ? [] : [`retry ${retryAt.toISOString()}`]),
    ...(lastError === null ? [] : [failed]),
  ].join('\t')
}
