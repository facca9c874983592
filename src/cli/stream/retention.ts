import type { Command } from 'commander'
import { updateRetention } from '../../log/update-retention.ts'
import { withSession } from '../session.ts'
import { wholeNumber } from '../whole-number.ts'

export function registerRetention(stream: Command): void {
  stream
    .command('retention')
    .description('change how long records are kept; lowering it hides older ones at once, for good')
    .argument('<name>')
    .argument('<hours>', '24 to 8760', wholeNumber)
    .addHelpText('after', '\nExample:\n  millrace stream retention logs 168')
    .action((name: string, retentionHours: number) =>
      withSession(async ({ pool }) => {
        await updateRetention({ pool }, { stream: name, retentionHours })
        console.log(`stream ${name} keeps its records for ${retentionHours} h`)
      }),
    )
}
