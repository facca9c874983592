import type { Command } from 'commander'
import { deletePipeline } from '../../pipeline/operations/delete-pipeline.ts'
import { withSession } from '../session.ts'
import { toJson } from '../to-json.ts'

interface DeleteOptions {
  force?: boolean
  deadLetters?: boolean
  json?: boolean
}

export function registerDelete(pipeline: Command): void {
  pipeline
    .command('delete <name>')
    .description('forget a pipeline or a replay, and how far it has got; what it wrote stays')
    .option(
      '--force',
      'also while live workers have it, which make it anew from its beginning at their next start',
    )
    .option('--dead-letters', 'delete its dead letters as well')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  millrace pipeline delete errors-again --dead-letters')
    .action((name: string, options: DeleteOptions) =>
      withSession(async ({ pool }) => {
        const { json, ...chosen } = options
        const deleted = await deletePipeline({ pool }, { name, ...chosen })
        const { deadLettersDeleted, deadLettersKept } = deleted
        const letters = [
          ...(deadLettersDeleted > 0 ? [`; ${deadLettersDeleted} dead letters deleted`] : []),
          ...(deadLettersKept > 0
            ? [
                `; ${deadLettersKept} dead letters are kept: millrace pipeline dead-letters list ${name}`,
              ]
            : []),
        ].join('')
        console.log(json ? toJson(deleted) : `deleted pipeline ${name}${letters}`)
      }),
    )
}
