import { type Command, Option } from 'commander'
import { MillraceError } from '../../base/errors.ts'
import {
  listPatterns,
  type PatternSort,
  patternSorts,
} from '../../knowledge/patterns/list-patterns.ts'
import { addFilterOptions, addWindowOptions, openScope, type ScopeOptions } from '../scope.ts'
import { withSession } from '../session.ts'
import { wholeNumber } from '../whole-number.ts'
import { showPatterns } from './show-patterns.ts'

interface ListOptions extends ScopeOptions {
  sort: PatternSort
  limit: number
  json?: boolean
}

export function registerList(patterns: Command): void {
  const command = patterns
    .command('list', { isDefault: true })
    .description('list the patterns of a window with their counts')
  addFilterOptions(addWindowOptions(command, 'all there is'))
    .addOption(
      new Option('--sort <order>', 'count, first (latest first), last, or change: against before')
        .choices([...patternSorts])
        .default('count'),
    )
    .option('-n, --limit <count>', 'patterns shown at most', wholeNumber, 20)
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
\`before\` is the number of events in the window of the same length before this one.

Examples:
  millrace patterns
  millrace patterns --since 1h --severity warn --service payments
  millrace patterns --since 15m --sort change --json`,
    )
    .action((options: ListOptions) =>
      withSession(async (session) => {
        const { sort, limit } = options
        const scope = await openScope(session, options, { sinceMs: null })
        const { filters } = scope
        if (sort === 'change' && filters.from === null)
          throw new MillraceError(
            'invalid_argument',
            'expected --since or --from beside --sort change: it compares with the time before the window',
          )
        const found = await listPatterns(session, { filters, sort }, { limit })
        await showPatterns(
          session,
          scope,
          {
            ...found,
            noun: 'patterns',
            columns: [
              { title: 'share', align: 'right', cell: ({ share }) => percent(share) },
              ...(filters.from === null
                ? []
                : [
                    {
                      title: 'before',
                      align: 'right' as const,
                      cell: ({ before }: { before: number | null }) =>
                        before?.toLocaleString('en') ?? '-',
                    },
                  ]),
            ],
            more: ({ share, before }) => ({ share, before }),
            about: { sort },
          },
          options,
        )
      }),
    )
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}
