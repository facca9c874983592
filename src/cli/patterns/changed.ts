import type { Command } from 'commander'
import {
  type ChangedPattern,
  findChangedPatterns,
} from '../../knowledge/patterns/find-changed-patterns.ts'
import {
  addFilterOptions,
  addWindowOptions,
  openScope,
  type Scope,
  type ScopeOptions,
} from '../scope.ts'
import { withSession } from '../session.ts'
import { wholeNumber } from '../whole-number.ts'
import { addBaselineOption, baselineOf, drawnSpan, noteOnBaseline } from './baseline.ts'
import { showPatterns } from './show-patterns.ts'

const changes = {
  spiking: 'list the patterns whose rate is far above their own before the window',
  dropping: 'list the patterns whose rate is far below their own before the window',
} as const

export function registerChanged(patterns: Command): void {
  for (const change of ['spiking', 'dropping'] as const) {
    const command = patterns.command(change).description(changes[change])
    addFilterOptions(addBaselineOption(addWindowOptions(command, '15m')))
      .option('-n, --limit <count>', 'patterns shown at most', wholeNumber, 20)
      .option('--json', 'print JSON')
      .addHelpText(
        'after',
        `
By twice at least, by more than chance explains, and as the pattern rarely was in its baseline: bursts and jobs that come
again and again are usual. Rates are events a minute. A pattern without an event before the window is new, not spiking;
one without an event in it has vanished.

Examples:
  millrace patterns ${change}
  millrace patterns ${change} --since 1h --baseline 14d --severity warn`,
      )
      .action((options: ScopeOptions & { baseline?: number; limit: number; json?: boolean }) =>
        withSession(async (session) => {
          const scope = await openScope(session, options, { sinceMs: 900_000 })
          const { window, baselineFrom } = baselineOf(scope, options)
          const found = await findChangedPatterns(
            session,
            { filters: window, baselineFrom, change },
            { limit: options.limit },
          )
          const listing = {
            patterns: found.patterns,
            total: { patterns: found.total },
            noun: `${change} patterns`,
            columns: columnsFor(scope),
            more: ({ service, severity, template, patternId, ...rest }: ChangedPattern) => rest,
            about: { baseline: { from: baselineFrom, to: window.from } },
            drawn: drawnSpan(window, baselineFrom),
            ...noteOnBaseline(window.from, baselineFrom),
          }
          await showPatterns(session, scope, listing, options)
        }),
      )
  }
}

function columnsFor({ teller }: Scope) {
  const right = 'right' as const
  return [
    {
      title: 'rate',
      align: right,
      cell: ({ windowRate }: ChangedPattern) => rate(windowRate),
    },
    {
      title: 'usual',
      align: right,
      cell: ({ baselineRate }: ChangedPattern) => rate(baselineRate),
    },
    {
      title: 'ratio',
      align: right,
      cell: ({ ratio }: ChangedPattern) => (ratio === null ? '-' : `×${rate(ratio)}`),
    },
    {
      title: 'peak',
      cell: ({ peakAt, peakCount }: ChangedPattern) =>
        `${peakCount.toLocaleString('en')} at ${teller.at(peakAt)}`,
    },
  ]
}

/** Two digits that say something: 0.0031, 0.25, 4.2, 130. */
function rate(value: number): string {
  if (value >= 100) return Math.round(value).toLocaleString('en')
  return String(Number(value.toPrecision(2)))
}
