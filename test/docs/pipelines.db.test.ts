import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { loadPipelines } from '../../src/cli/load-pipelines.ts'
import {
  aggregate,
  catchUp,
  createLogger,
  createProducer,
  createStream,
  definePipeline,
  type Pipeline,
  sink,
  toFiles,
} from '../../src/index.ts'
import { commandRunner } from '../cli/run-command.ts'
import { worker } from '../pipeline/operations/known-pipeline.ts'
import { testDatabase } from '../support/database.ts'
import { sharedEnvironment } from '../support/environment.ts'
import { readPipelineBlocks, withoutNumbers } from './pipeline-blocks.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const logger = createLogger({ level: 'silent' })
const db = await testDatabase()
const millrace = commandRunner(sharedEnvironment(db))
const { definitions, queries, commands } = await readPipelineBlocks()
const [config = ''] = definitions
let folder: string
let files: string[]

// Commands are processes of their own, and the compiler is another: a busy machine takes seconds for each.
const patient = { timeout: 240_000 }

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-pipelines-'))
  files = definitions.map((_, index) => join(folder, `block-${index}.ts`))
  await writeFile(join(folder, 'package.json'), '{"type":"module"}')
  const index = JSON.stringify(join(root, 'src/index.ts'))
  for (const [place, file] of files.entries())
    await writeFile(file, definitions[place]?.replace(`'millrace'`, index) ?? '')
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function put(stream: string, texts: readonly string[]): Promise<void> {
  await createStream(db, { name: stream })
  await append(stream, texts)
}

async function append(stream: string, texts: readonly string[], key = 'shop'): Promise<void> {
  await using producer = createProducer({ ...db, logger })
  const results = await producer.put(
    stream,
    texts.map((text) => ({ partitionKey: key, data: Buffer.from(text) })),
  )
  expect(results.every((result) => result.ok)).toBe(true)
}

/** Runs a definition here, to the end of what is there. */
async function run(pipeline: Pipeline | undefined): Promise<void> {
  if (!pipeline) throw new Error('expected the block to export a pipeline')
  const embedding = async () => {
    throw new Error('expected no step to embed')
  }
  const { signal } = new AbortController()
  await catchUp({ ...db, logger, embedding }, pipeline, { signal })
}

/** The pipeline that the block which mentions `text` exports. */
async function exported(text: string): Promise<Pipeline | undefined> {
  const file = files[definitions.findIndex((block) => block.includes(text))] ?? ''
  const module = (await import(pathToFileURL(file).href)) as Record<string, Pipeline>
  return Object.values(module)[0]
}

const failing = sink('failing', async () => {
  throw new Error('it always does')
})

describe('docs/pipelines.md', patient, () => {
  it('shows code that the compiler takes', async () => {
    const settings = {
      extends: join(root, 'tsconfig.json'),
      compilerOptions: {
        typeRoots: [join(root, 'node_modules/@types')],
        rewriteRelativeImportExtensions: false,
      },
      include: files,
    }
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(settings))
    const tsc = join(root, 'node_modules/typescript/bin/tsc')
    const compiler = spawn(process.execPath, [tsc, '-p', folder])
    let said = ''
    compiler.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString()
    })
    const code = await new Promise((resolve) => compiler.once('close', resolve))
    expect([code, said]).toEqual([0, ''])
  })

  it('begins with a pipeline of fifteen lines at most', () => {
    expect(config.trim().split('\n').length).toBeLessThanOrEqual(15)
  })

  it('shows commands that print what it says they print', async () => {
    await put('logs', [
      '{"level":"error","service":"payments","msg":"order 1 was declined"}',
      '{"level":"info","service":"payments","msg":"order 2 was paid"}',
      '{"level":"error","msg":"nobody says which service this is"}',
      '{"level":"info","service":"payments","msg":"order 3 was paid"}',
      '{"level":"fatal","service":"ledger","msg":"out of memory"}',
    ])
    await writeFile(join(folder, 'millrace.config.ts'), await readFile(files[0] ?? '', 'utf8'))
    for (const { args, prints } of commands) {
      const own = args.map((arg) => (arg === 'millrace.config.ts' ? join(folder, arg) : arg))
      const { code, out, err } = await millrace(own, { env: { MILLRACE_LOG_LEVEL: 'silent' } })
      const printed = [withoutNumbers(err + out), code]
      expect([args.join(' '), ...printed]).toEqual([args.join(' '), withoutNumbers(prints), 0])
      // A worker that the commands below find alive, though it does nothing.
      if (args[0] === 'worker') await worker(db, 'host:1:a', ['errors', 'logs'], -3_600_000)
    }
    const { rows } = await db.pool.query('select service, body from error_line order by at, body')
    expect(rows.map((row) => row.service).sort()).toEqual(['ledger', 'payments'])
  })

  it('shows pipelines that do what it says of them', async () => {
    await put('payments', ['{"account":"a","cents":5}', '{"account":"b","cents":7}'])
    await db.pool.query('create table balance (account text primary key, cents bigint not null)')
    await run(await exported('sink<Payment>'))
    const { rows } = await db.pool.query('select * from balance order by account')
    expect(rows).toEqual([
      { account: 'a', cents: '5' },
      { account: 'b', cents: '7' },
    ])

    await put('requests', [
      '{"ms":501,"path":"/"}',
      '{"status":503,"path":"/"}',
      '{"status":503,"path":"/health"}',
    ])
    await createStream(db, { name: 'slow' })
    await run(await exported('slow-requests'))
    const slow = await db.pool.query(
      `select millrace.as_text(data) as text from millrace.tail('slow', 9)`,
    )
    expect(slow.rows).toEqual([{ text: '{"status":503,"path":"/"}' }])
  })

  it('begins with a table in which a stack trace is one row, whatever batches its lines come in', async () => {
    const [errors] = await loadPipelines(files[0])
    if (!errors) throw new Error('expected a pipeline')
    const options = { ...errors.options, name: 'traces', streams: ['traces'] }
    const traces = { ...errors, options }
    await put('traces', [])
    await append('traces', ['2026-11-23 09:00:01 ERROR c.s.Orders - no stock'], 'shop.log')
    await run(traces)
    const rest = ['\tat com.shop.Orders.total(Orders.java:42)', '\t... 3 more']
    await append('traces', rest, 'shop.log')
    await run(traces)
    const { rows } = await db.pool.query(`select body from error_line where id like 'traces/0/%'`)
    expect(rows).toEqual([{ body: expect.stringMatching(/no stock\n\tat .+\n\t\.\.\. 3 more$/) }])
  })

  it('shows queries that find what there is', async () => {
    await run(await exported('aggregate({'))
    const days = definePipeline({ name: 'days', stream: 'logs' }).step(
      aggregate({
        windowMs: 86_400_000,
        initial: () => 0,
        add: (count) => count + 1,
        result: (count) => ({ count }),
      }),
    )
    await run(days.to(failing))
    const dir = join(folder, 'archive')
    const archive = definePipeline({ name: 'archive', stream: 'logs' })
    await run(archive.to(toFiles({ dir, format: 'ndjson' })))
    const broken = definePipeline({ name: 'broken', stream: 'payments', retry: { attempts: 1 } })
    await run(broken.to(failing))
    await run(definePipeline({ name: 'waiting', stream: 'payments' }).to(failing))
    for (const query of queries) {
      const { rows } = await db.pool.query(query)
      expect([query, rows.length > 0]).toEqual([query, true])
    }
  })

  it('begins with a configuration that runs beside the built-in pipeline', async () => {
    const pipelines = await loadPipelines(files[0])
    expect(pipelines.map((pipeline) => pipeline.options.name)).toEqual(['errors', 'logs'])
  })
})
