import { type Command, Option } from 'commander'
import { MillraceError } from '../../base/errors.ts'
import { type GetShardIteratorInput, getShardIterator } from '../../log/get-shard-iterator.ts'
import { parseShardName } from '../../log/shard-name.ts'
import { isoTime } from '../iso-time.ts'
import { withSession } from '../session.ts'
import { toJson } from '../to-json.ts'
import { wholeBigint } from '../whole-number.ts'

interface IteratorOptions {
  type: GetShardIteratorInput['type']
  sequence?: bigint
  timestamp?: Date
  json?: boolean
}

export function registerIterator(stream: Command): void {
  stream
    .command('iterator')
    .description('print an iterator, with which `stream get` reads; it lives 5 minutes')
    .argument('<name>')
    .argument('<shard>', 'such as 3 or shardId-000000000003', parseShardName)
    .addOption(
      new Option('-t, --type <type>', 'where it begins')
        .choices([
          'TRIM_HORIZON',
          'LATEST',
          'AT_TIMESTAMP',
          'AT_SEQUENCE_NUMBER',
          'AFTER_SEQUENCE_NUMBER',
        ])
        .default('TRIM_HORIZON'),
    )
    .option(
      '--sequence <number>',
      'the number of AT_SEQUENCE_NUMBER and AFTER_SEQUENCE_NUMBER',
      wholeBigint,
    )
    .option('--timestamp <time>', 'the moment of AT_TIMESTAMP', isoTime)
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Examples:
  millrace stream get $(millrace stream iterator logs 0)
  millrace stream iterator logs 0 --type AFTER_SEQUENCE_NUMBER --sequence 250745796541022208`,
    )
    .action((name: string, shard: number, options: IteratorOptions) =>
      withSession(async ({ pool }) => {
        const iterator = await getShardIterator({ pool }, toInput({ stream: name, shard }, options))
        console.log(options.json ? toJson({ shardIterator: iterator }) : iterator)
      }),
    )
}

function toInput(
  place: { stream: string; shard: number },
  { type, sequence, timestamp }: IteratorOptions,
): GetShardIteratorInput {
  const isNumbered = type === 'AT_SEQUENCE_NUMBER' || type === 'AFTER_SEQUENCE_NUMBER'
  requireOption('--sequence', sequence, isNumbered, type)
  requireOption('--timestamp', timestamp, type === 'AT_TIMESTAMP', type)
  if (isNumbered && sequence !== undefined) return { ...place, type, sequence }
  if (type === 'AT_TIMESTAMP' && timestamp !== undefined) return { ...place, type, timestamp }
  return { ...place, type: type === 'LATEST' ? type : 'TRIM_HORIZON' }
}

/** Fails when a type lacks the option that belongs to it, or has one that does not. */
function requireOption(option: string, value: unknown, belongs: boolean, type: string): void {
  if (belongs === (value !== undefined)) return
  throw new MillraceError(
    'invalid_argument',
    `expected ${belongs ? '' : 'no '}${option} with the type ${type}`,
  )
}
