import type { Command } from 'commander'
import { formatCitation } from '../../log/citation.ts'
import { parseShardName } from '../../log/shard-name.ts'
import type { DeadLetter } from '../../pipeline/operations/dead-letter-row.ts'
import { listDeadLetters } from '../../pipeline/operations/list-dead-letters.ts'
import { isoTime } from '../iso-time.ts'
import { withSession } from '../session.ts'
import { toJson } from '../to-json.ts'
import { wholeNumber } from '../whole-number.ts'

interface ListOptions {
  limit: number
  since?: Date
  stream?: string
  shard?: number
  json?: boolean
}

export function registerListDeadLetters(deadLetters: Command): void {
  deadLetters
    .command('list <name>')
    .description('list the dead letters of a pipeline, the newest first, without their payloads')
    .option('-n, --limit <count>', 'at most so many, 1 to 10000', wholeNumber, 100)
    .option('--since <time>', 'only those given up at this moment or later', isoTime)
    .option('--stream <stream>', 'only those of this stream')
    .option('--shard <shard>', 'only those of shards with this number', parseShardName)
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Examples:
  millrace pipeline dead-letters list errors
  millrace pipeline dead-letters list errors --since 2026-11-23T10:00:00Z --limit 20`,
    )
    .action((name: string, options: ListOptions) =>
      withSession(async ({ pool }) => {
        const { json, ...chosen } = options
        const page = await listDeadLetters({ pool }, { pipeline: name, ...chosen })
        if (json) {
          const shown = page.deadLetters.map((letter) => ({
            ...letter,
            citation: formatCitation(letter),
          }))
          console.log(toJson({ ...page, deadLetters: shown }))
          return
        }
        if (page.deadLetters.length === 0) console.log(`no such dead letters of ${name}`)
        for (const letter of page.deadLetters) console.log(format(letter))
        if (page.hasMore) process.stderr.write('there are older ones: raise --limit\n')
      }),
    )
}

function format(letter: DeadLetter): string {
  return [
    letter.id,
    formatCitation(letter),
    letter.createdAt.toISOString(),
    letter.condition,
    letter.step ?? '-',
    `${letter.attempts} attempt(s)`,
    ...(letter.redriveAt === null ? [] : ['to be tried again']),
    letter.error,
  ].join('\t')
}
