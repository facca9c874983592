import type { Command } from 'commander'
import { registerChanged } from './patterns/changed.ts'
import { registerList } from './patterns/list.ts'
import { registerNew } from './patterns/new.ts'
import { registerShow } from './patterns/show.ts'
import { registerVanished } from './patterns/vanished.ts'

export function registerPatterns(program: Command): void {
  const patterns = program
    .command('patterns')
    .description('see what kinds of lines there are, and which are new, missing or too many')
    .addHelpText(
      'after',
      `
Without a name of these: list.

Examples:
  millrace patterns --since 1h --severity warn
  millrace patterns new --since 24h
  millrace patterns spiking
  millrace patterns show 17`,
    )
  for (const register of [
    registerList,
    registerNew,
    registerVanished,
    registerChanged,
    registerShow,
  ])
    register(patterns)
}
