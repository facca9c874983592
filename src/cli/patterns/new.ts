import type { Command } from 'commander'
import { findNewPatterns } from '../../knowledge/patterns/find-new-patterns.ts'
import { addFilterOptions, addWindowOptions, openScope, type ScopeOptions } from '../scope.ts'
import { withSession } from '../session.ts'
import { wholeNumber } from '../whole-number.ts'
import { showPatterns } from './show-patterns.ts'

export function registerNew(patterns: Command): void {
  const command = patterns
    .command('new')
    .description('list the patterns whose first event ever lies in the window')
  addFilterOptions(addWindowOptions(command, '1h'))
    .option('-n, --limit <count>', 'patterns shown at most', wholeNumber, 20)
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
A pattern is new when it was quiet before its first event for longer than its own gaps explain: soon after the first event
there is, every pattern has its first one.

Examples:
  millrace patterns new
  millrace patterns new --since 24h --severity error`,
    )
    .action((options: ScopeOptions & { limit: number; json?: boolean }) =>
      withSession(async (session) => {
        const scope = await openScope(session, options, { sinceMs: 3_600_000 })
        const { filters, extent } = scope
        const knownSince = extent.first ?? scope.now
        const { limit } = options
        const found = await findNewPatterns(session, { filters, knownSince }, { limit })
        const listing = {
          patterns: found.patterns,
          total: { patterns: found.total },
          noun: 'new patterns',
          columns: [],
          more: () => ({}),
        }
        await showPatterns(session, scope, listing, options)
      }),
    )
}
