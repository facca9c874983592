import type { Command } from 'commander'
import { generateIncident, incidentFacts } from '../../examples/incident/generate.ts'
import { isMillraceError } from '../base/errors.ts'
import { createStream } from '../log/create-stream.ts'
import { deleteStream } from '../log/delete-stream.ts'
import type { NewRecord } from '../log/new-record.ts'
import { createProducer } from '../log/producer.ts'
import { ask } from '../query/ask.ts'
import { indexWhatIsLeft } from './ask.ts'
import { createAskDeps } from './asking.ts'
import { createAssistant } from './assistant.ts'
import { printAnswer } from './print-answer.ts'
import { createProgress } from './progress.ts'
import { type Session, withSession } from './session.ts'

const stream = 'incident'
const batchRecords = 500
const shards = 4

export function registerDemo(program: Command): void {
  program
    .command('demo')
    .description('append the logs of an incident, index them and ask about it')
    .option('--no-model', 'answer with extracts even where a model is configured')
    .addHelpText('after', '\nExample:\n  millrace demo')
    .action((options: { model: boolean }) =>
      withSession((session) => demo(session, { useModel: options.model })),
    )
}

async function demo(session: Session, options: { useModel: boolean }): Promise<void> {
  const started = performance.now()
  const end = new Date()
  const { database, signal } = session
  console.log(
    `A shop of eight services, the last 30 minutes of its logs, and something went wrong.\nEngine: ${database.engine === 'embedded' ? `embedded, in ${session.config.dir}` : 'PostgreSQL at DATABASE_URL'}\n`,
  )
  await startAfresh(session)
  await append(session, end)
  await using assistant = await createAssistant(session)
  await indexWhatIsLeft(session, assistant)
  const deps = createAskDeps(session, assistant, options)
  for (const question of questions(end)) {
    if (signal.aborted) return
    console.log(`\n━━ ${question}\n`)
    const answer = await ask(deps, { question, stream, now: end, signal })
    printAnswer(answer)
    console.log(`   (${answer.tookMs} ms)`)
  }
  console.log(`
Done in ${((performance.now() - started) / 1000).toFixed(1)} s. Go on with:
  millrace serve                        then open http://127.0.0.1:4318 and ask there
  millrace ask --stream incident "which services had errors in the last 10 minutes?"
  millrace tail incident                the newest records; --at CITATION for a cited one
  (from a checkout: npm start, and npm run millrace -- ask ...)`)
}

/** Four questions: a cause, a number, one thing by its name, and something that did not happen. */
function questions(end: Date): string[] {
  const { lostOrder } = incidentFacts({ end })
  return [
    'Why did payments fail in the last 30 minutes?',
    'How many times did a payment fail in the last 30 minutes?',
    `What happened to order ${lostOrder.id}?`,
    'Was there a deadlock in the database in the last 30 minutes?',
  ]
}

async function startAfresh(session: Session): Promise<void> {
  await deleteStream(session, stream).catch((error: unknown) => {
    if (!isMillraceError(error, 'not_found')) throw error
  })
  await createStream(session, { name: stream, shards })
}

async function append(session: Session, end: Date): Promise<void> {
  const records: NewRecord[] = []
  for (const { partitionKey, record } of generateIncident({ end }))
    records.push({ partitionKey, data: Buffer.from(JSON.stringify(record)) })
  const progress = createProgress('append', records.length, 'lines')
  await using producer = createProducer(session)
  const started = performance.now()
  for (let at = 0; at < records.length && !session.signal.aborted; at += batchRecords) {
    const results = await producer.put(stream, records.slice(at, at + batchRecords))
    for (const result of results) if (!result.ok) throw result.error
    progress.update(at + batchRecords, at + batchRecords)
  }
  const seconds = (performance.now() - started) / 1000
  progress.finish(
    `appended ${records.length.toLocaleString('en')} lines in ${seconds.toFixed(1)} s (${Math.round(records.length / seconds).toLocaleString('en')}/s), each durable when acknowledged`,
  )
}
