import type { Command } from 'commander'
import { addTags } from '../../log/add-tags.ts'
import { removeTags } from '../../log/remove-tags.ts'
import { withSession } from '../session.ts'
import { collectTag } from './tag-pair.ts'

export function registerTags(stream: Command): void {
  stream
    .command('tag')
    .description('add tags to a stream, or change them')
    .argument('<name>')
    .argument('<key=value...>', 'up to 50 together with those it has', collectTag)
    .addHelpText('after', '\nExample:\n  millrace stream tag logs team=web stage=production')
    .action((name: string, tags: Record<string, string>) =>
      withSession(async ({ pool }) => {
        await addTags({ pool }, { stream: name, tags })
        console.log(`tagged stream ${name}: ${Object.keys(tags).join(', ')}`)
      }),
    )
  stream
    .command('untag <name> <key...>')
    .description('remove tags from a stream')
    .addHelpText('after', '\nExample:\n  millrace stream untag logs stage')
    .action((name: string, keys: string[]) =>
      withSession(async ({ pool }) => {
        await removeTags({ pool }, { stream: name, keys })
        console.log(`untagged stream ${name}: ${keys.join(', ')}`)
      }),
    )
}
