import { type Command, Option } from 'commander'
import { dropDeadLetters } from '../../pipeline/operations/drop-dead-letters.ts'
import type { DeadLetterChoice } from '../../pipeline/operations/lock-dead-letters.ts'
import {
  type RedrivenDeadLetters,
  redriveDeadLetters,
} from '../../pipeline/operations/redrive-dead-letters.ts'
import { withSession } from '../session.ts'
import { toJson } from '../to-json.ts'
import { wholeBigint } from '../whole-number.ts'
import { registerListDeadLetters } from './list-dead-letters.ts'
import { registerShowDeadLetter } from './show-dead-letter.ts'

interface ChoiceOptions {
  id?: bigint[]
  all?: boolean
  json?: boolean
}

export function registerDeadLetters(pipeline: Command): void {
  const deadLetters = pipeline
    .command('dead-letters')
    .description('the records that pipelines gave up on: list, show, try again, drop')
    .addHelpText('after', '\nExample:\n  millrace pipeline dead-letters list errors')
  registerListDeadLetters(deadLetters)
  registerShowDeadLetter(deadLetters)
  withChoice(deadLetters.command('redrive <name>'))
    .description('let the workers try dead letters of a pipeline again')
    .addHelpText(
      'after',
      `
What succeeds is deleted, what fails stays with its new error.

Examples:
  millrace pipeline dead-letters redrive errors --id 17 18
  millrace pipeline dead-letters redrive errors --all`,
    )
    .action((name: string, options: ChoiceOptions) =>
      withSession(async ({ pool }) => {
        const redriven = await redriveDeadLetters({ pool }, toChoice(name, options))
        console.log(options.json ? toJson(redriven) : formatRedriven(redriven))
      }),
    )
  withChoice(deadLetters.command('drop <name>'))
    .description('delete dead letters of a pipeline, records and all, without asking')
    .addHelpText(
      'after',
      `
Examples:
  millrace pipeline dead-letters drop errors --id 17
  millrace pipeline dead-letters drop errors --all`,
    )
    .action((name: string, options: ChoiceOptions) =>
      withSession(async ({ pool }) => {
        const dropped = await dropDeadLetters({ pool }, toChoice(name, options))
        console.log(
          options.json ? toJson(dropped) : `dropped ${dropped.dropped} dead letter(s) of ${name}`,
        )
      }),
    )
}

function withChoice(command: Command): Command {
  return command
    .addOption(
      new Option('--id <id...>', 'these, by the ids that `list` prints').argParser(
        (text: string, before: bigint[] | undefined) => [...(before ?? []), wholeBigint(text)],
      ),
    )
    .option('--all', 'all of them')
    .option('--json', 'print JSON')
}

function toChoice(pipeline: string, { id, all }: ChoiceOptions): DeadLetterChoice {
  return { pipeline, ...(id && { ids: id }), ...(all && { all }) }
}

function formatRedriven(redriven: RedrivenDeadLetters): string {
  const { pipeline, redriven: count, alreadyMarked, state, workers } = redriven
  const before = alreadyMarked === 0 ? '' : `, ${alreadyMarked} were being tried already`
  const when =
    state === 'paused'
      ? `; ${pipeline} is paused: they are tried when it is resumed`
      : workers === 0
        ? `; no worker runs ${pipeline}: they are tried when one starts`
        : ''
  return `${count} dead letter(s) of ${pipeline} are tried again${before}${when}`
}
