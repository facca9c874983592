import type { Command } from 'commander'
import { findVanishedPatterns } from '../../knowledge/patterns/find-vanished-patterns.ts'
import { formatDuration } from '../pipeline/format-duration.ts'
import { addFilterOptions, addWindowOptions, openScope, type ScopeOptions } from '../scope.ts'
import { withSession } from '../session.ts'
import { wholeNumber } from '../whole-number.ts'
import { addBaselineOption, baselineOf, drawnSpan, noteOnBaseline } from './baseline.ts'
import { showPatterns } from './show-patterns.ts'

export function registerVanished(patterns: Command): void {
  const command = patterns
    .command('vanished')
    .description('list the patterns that came regularly and whose silence became too long')
  addFilterOptions(addBaselineOption(addWindowOptions(command, '1h')))
    .option('-n, --limit <count>', 'patterns shown at most', wholeNumber, 20)
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Too long against the pattern's own gaps: what comes every minute is missed after two, what comes once an hour after two
hours. A pattern is told in the window in which it began to be missed. It is regular with five minutes that have events.

Examples:
  millrace patterns vanished
  millrace patterns vanished --since 24h --service scheduler`,
    )
    .action((options: ScopeOptions & { baseline?: number; limit: number; json?: boolean }) =>
      withSession(async (session) => {
        const scope = await openScope(session, options, { sinceMs: 3_600_000 })
        const { window, baselineFrom } = baselineOf(scope, options)
        const found = await findVanishedPatterns(
          session,
          { filters: window, baselineFrom },
          { limit: options.limit },
        )
        const listing = {
          patterns: found.patterns,
          total: { patterns: found.total },
          noun: 'vanished patterns',
          columns: [
            {
              title: 'silent for',
              cell: ({ last }: { last: Date }) =>
                formatDuration(window.to.getTime() - last.getTime()),
            },
            {
              title: 'longest gap',
              cell: ({ longestGapMs }: { longestGapMs: number }) => formatDuration(longestGapMs),
            },
          ],
          more: ({
            longestGapMs,
            meanGapMs,
            missedSince,
            last,
          }: (typeof found.patterns)[number]) => ({
            silentSeconds: (window.to.getTime() - last.getTime()) / 1_000,
            longestGapSeconds: longestGapMs / 1_000,
            meanGapSeconds: meanGapMs / 1_000,
            missedSince,
          }),
          about: { baseline: { from: baselineFrom, to: window.from } },
          drawn: drawnSpan(window, baselineFrom),
          ...noteOnBaseline(window.from, baselineFrom),
        }
        await showPatterns(session, scope, listing, options)
      }),
    )
}
