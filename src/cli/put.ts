import { stat } from 'node:fs/promises'
import type { Command } from 'commander'
import { isMillraceError, MillraceError, messageOf } from '../base/errors.ts'
import { createStream } from '../log/create-stream.ts'
import { describeStream } from '../log/describe-stream.ts'
import { createProducer } from '../log/producer.ts'
import { putSource, type Tally } from './put-source.ts'
import { type Session, withSession } from './session.ts'

interface PutOptions {
  stream: string
  key?: string
}

export function registerPut(program: Command): void {
  program
    .command('put [files...]')
    .description('append lines (or NDJSON) to a stream, from files or standard input')
    .option(
      '-s, --stream <name>',
      'the stream; it is created with one shard if it is missing',
      'logs',
    )
    .option(
      '-k, --key <key>',
      'partition key of the lines (default: the file name, so a file keeps its order)',
    )
    .addHelpText(
      'after',
      `
What a provisioned stream refuses is sent again until it is stored, in the order of the lines.

Examples:
  millrace put --stream web /var/log/nginx/access.log
  journalctl -o json -f | millrace put --stream system`,
    )
    .action((files: string[], options: PutOptions) =>
      withSession((session) => put(session, files, options)),
    )
}

async function put(session: Session, files: readonly string[], options: PutOptions): Promise<void> {
  const sources = files.length > 0 ? files : ['-']
  for (const file of files) {
    const found = await stat(file).catch((error: unknown) => {
      throw new MillraceError('invalid_argument', `cannot read ${file}: ${messageOf(error)}`)
    })
    if (found.isDirectory())
      throw new MillraceError('invalid_argument', `${file} is a folder; name its files`)
  }
  await ensureStream(session, options.stream)
  const stream = await describeStream(session, options.stream)
  const tally: Tally = {
    durable: 0,
    empty: 0,
    refused: 0,
    waits: 0,
    unsent: 0,
    firstProblem: undefined,
  }
  const started = performance.now()
  await using producer = createProducer(session)
  const deps = { producer, signal: session.signal, tally }
  let failure: unknown
  for (const source of sources) {
    if (session.signal.aborted || failure !== undefined) break
    await putSource(deps, source, { ...options, stream }).catch((error: unknown) => {
      failure = error
    })
  }
  await producer.stop()
  const seconds = (performance.now() - started) / 1000
  const notes = describeNotes(tally, session.signal.aborted)
  console.log(
    `${tally.durable.toLocaleString('en')} records durable in "${options.stream}" (${seconds.toFixed(2)} s, ${rateOf(tally, seconds)}/s)${notes.length > 0 ? `; ${notes.join(', ')}` : ''}`,
  )
  if (tally.firstProblem !== undefined) process.stderr.write(`millrace: ${tally.firstProblem}\n`)
  if (tally.refused > 0 || session.signal.aborted) process.exitCode = 1
  if (failure !== undefined) throw failure
}

function rateOf(tally: Tally, seconds: number): string {
  return Math.round(tally.durable / Math.max(seconds, 0.001)).toLocaleString('en')
}

function describeNotes(tally: Tally, isStopped: boolean): string[] {
  return [
    tally.empty > 0 ? `${tally.empty} empty lines skipped` : '',
    tally.refused > 0 ? `${tally.refused} refused` : '',
    tally.waits > 0
      ? `waited ${tally.waits} time${tally.waits === 1 ? '' : 's'} for the stream's rate`
      : '',
    tally.unsent > 0 ? `${tally.unsent} read and not stored` : '',
    isStopped ? 'stopped early' : '',
  ].filter(Boolean)
}

async function ensureStream(session: Session, name: string): Promise<void> {
  try {
    await createStream(session, { name })
    process.stderr.write(`created stream "${name}" with 1 shard\n`)
  } catch (error) {
    if (!isMillraceError(error, 'already_exists')) throw error
  }
}
