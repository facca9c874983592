import { isUtf8 } from 'node:buffer'
import type { Command } from 'commander'
import { formatCitation } from '../../log/citation.ts'
import { readDeadLetter, type WholeDeadLetter } from '../../pipeline/operations/read-dead-letter.ts'
import { withSession } from '../session.ts'
import { toJson } from '../to-json.ts'
import { wholeBigint } from '../whole-number.ts'

export function registerShowDeadLetter(deadLetters: Command): void {
  deadLetters
    .command('show')
    .description('show a dead letter with its record, whole')
    .argument('<id>', 'as `list` prints it', wholeBigint)
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Data that is no UTF-8 is shown in base64, control characters as \\x1b; --json has them as they are.

Example:
  millrace pipeline dead-letters show 17`,
    )
    .action((id: bigint, options: { json?: boolean }) =>
      withSession(async ({ pool }) => {
        const letter = await readDeadLetter({ pool }, { id })
        const shown = { ...letter, citation: formatCitation(letter), ...encode(letter.data) }
        console.log(options.json ? toJson(shown) : format(letter).join('\n'))
      }),
    )
}

/** Text is shown as it is: JSON parsed and written again would lose what does not fit into its numbers. */
function encode(data: Buffer): { encoding: 'json' | 'utf8' | 'base64'; data: string } {
  if (!isUtf8(data)) return { encoding: 'base64', data: data.toString('base64') }
  const text = data.toString('utf8')
  return { encoding: isJson(text) ? 'json' : 'utf8', data: text }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** A terminal would obey them. */
function withoutControls(text: string): string {
  return text.replaceAll(
    /[^\P{Cc}\n\t]/gu,
    (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  )
}

function format(letter: WholeDeadLetter): string[] {
  const { encoding, data } = encode(letter.data)
  return [
    `${letter.id}: ${formatCitation(letter)}, given up by ${letter.pipeline} at ${letter.createdAt.toISOString()}`,
    `  condition  ${letter.condition}, ${letter.attempts} attempt(s)`,
    `  step       ${letter.step ?? '-'}`,
    `  error      ${letter.error}`,
    `  arrived    ${letter.arrivedAt?.toISOString() ?? 'unknown'}`,
    ...(letter.redriveAt === null ? [] : [`  redrive    ${letter.redriveAt.toISOString()}`]),
    `  key        ${letter.partitionKey}`,
    `  data       ${encoding}, ${letter.data.length} bytes`,
    withoutControls(data),
  ]
}
