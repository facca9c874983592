import type { Command } from 'commander'
import { deleteStream } from '../../log/delete-stream.ts'
import { withSession } from '../session.ts'

export function registerDelete(stream: Command): void {
  stream
    .command('delete <name>')
    .description('delete a stream with its records and events')
    .option('--enforce-consumer-deletion', 'also when consumers are registered')
    .addHelpText('after', '\nExample:\n  millrace stream delete old-logs')
    .action((name: string, options: { enforceConsumerDeletion?: boolean }) =>
      withSession(async ({ pool }) => {
        await deleteStream({ pool }, name, options)
        console.log(`deleted stream ${name}`)
      }),
    )
}
