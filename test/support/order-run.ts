import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { wait } from '../../src/base/backoff.ts'
import { createLogger } from '../../src/base/logger.ts'
import type { Database } from '../../src/db/open-database.ts'
import { createStream } from '../../src/log/create-stream.ts'
import { describeStream } from '../../src/log/describe-stream.ts'
import { subscribe } from '../../src/log/subscribe.ts'
import { createChecker, type Findings } from './order-checker.ts'

export interface OrderRunOptions {
  seconds: number
  writers: number
  readers: number
  seed: number
  /** Called when the writers have begun, for whatever is to happen beside them. */
  meanwhile?: () => Promise<void>
}

export interface Ledger {
  acked: number
  /** Records whose put failed without an answer; each may be there once, or not. */
  unknown: number
  /** What the whole log holds, read once more from its beginning when all is over. */
  log: Findings
  /** Acknowledged records that the log does not hold. */
  lost: number
  /** Records of the log that nobody put. */
  invented: number
  /** What each reader got while all went on. */
  readers: Findings[]
  reshards: Record<string, { done: number; refused: number }>
  shards: { open: number; closed: number }
  /** Whether the open shards tile the hash keys at the end. */
  tiles: boolean
}

const program = fileURLToPath(new URL('order-process.ts', import.meta.url))

/** Runs writers that also reshard, and readers that check, each in a process of its own, and keeps the ledger. */
export async function runOrder(db: Database, options: OrderRunOptions): Promise<Ledger> {
  const stream = `order-${options.seed}`
  await createStream(db, { name: stream, shards: 2 })
  const start = (role: string, index: number) =>
    spawn(
      process.execPath,
      [
        program,
        role,
        db.url,
        stream,
        `w${index}`,
        String(options.seconds),
        String(options.seed + index),
      ],
      { stdio: ['pipe', 'pipe', 'inherit'] },
    )
  const acked = new Set<string>()
  const unknown = new Set<string>()
  const reshards: Ledger['reshards'] = {}
  const take = (line: string) => {
    const [kind, ...fields] = line.split(' ')
    if (kind === 'a') acked.add(`${fields[2]} ${fields[3]}`)
    else if (kind === 'u') unknown.add(fields.join(' '))
    else if (kind === 'r') {
      const [operation = '', done, refused] = fields
      const sum = reshards[operation] ?? { done: 0, refused: 0 }
      reshards[operation] = {
        done: sum.done + Number(done),
        refused: sum.refused + Number(refused),
      }
    }
  }
  const readers = Array.from({ length: options.readers }, (_, index) => start('reader', index))
  const answers = readers.map((reader) => linesOf(reader))
  const writers = Array.from({ length: options.writers }, (_, index) => start('writer', index))
  try {
    const writing = Promise.all(writers.map((writer) => linesOf(writer, take)))
    await Promise.all([writing, options.meanwhile?.()])

    const checker = createChecker()
    const tip = new AbortController()
    const open = new Set((await describeStream(db, stream)).shards.map((shard) => shard.number))
    const whole = subscribe(
      { ...db, logger: createLogger({ level: 'silent' }) },
      { stream, startingPosition: { type: 'TRIM_HORIZON' } },
      { signal: tip.signal, pollMs: 100 },
    )
    const idle = watchIdle(tip)
    for await (const batch of whole) {
      idle.touch()
      open.delete(batch.shard)
      await checker.check(db.pool, stream, batch)
    }
    const log = checker.findings()
    for (const reader of readers) reader.stdin.write(`${log.records}\n`)
    const read = (await Promise.all(answers)).map((lines) => JSON.parse(lines.at(-1) ?? '{}'))
    let lost = 0
    for (const record of acked) if (!checker.has(record)) lost += 1
    let known = acked.size
    for (const record of unknown) if (checker.has(record)) known += 1
    const { shards } = await describeStream(db, stream)
    const ring = shards
      .filter((shard) => shard.state === 'open')
      .toSorted((a, b) => (a.hashStart < b.hashStart ? -1 : 1))
    return {
      acked: acked.size,
      unknown: unknown.size,
      log,
      lost,
      invented: log.records - log.duplicated - (known - lost),
      readers: read,
      reshards,
      shards: { open: ring.length, closed: shards.length - ring.length },
      tiles:
        ring[0]?.hashStart === 0n &&
        ring.at(-1)?.hashEnd === 2n ** 128n - 1n &&
        ring.every(
          (shard, index) =>
            index === 0 || shard.hashStart === (ring[index - 1]?.hashEnd ?? 0n) + 1n,
        ),
    }
  } finally {
    for (const child of [...writers, ...readers]) child.kill('SIGKILL')
  }
}

/** Aborts when nothing came for two seconds: the log is read to its end. */
function watchIdle(controller: AbortController) {
  let last = performance.now()
  const watch = async () => {
    while (performance.now() - last < 2_000) await wait(100)
    controller.abort()
  }
  void watch()
  return {
    touch: () => {
      last = performance.now()
    },
  }
}

/** Its lines, when it has ended well; fails when it has not. */
async function linesOf(child: ChildProcess, onLine?: (line: string) => void): Promise<string[]> {
  const lines: string[] = []
  const exited = new Promise<void>((resolve, reject) => {
    child.once('close', (code, signal) => {
      if (code === 0) resolve()
      else reject(new Error(`a process of the order run ended with ${code ?? signal}`))
    })
  })
  if (child.stdout)
    createInterface({ input: child.stdout }).on('line', (line) => {
      if (onLine) onLine(line)
      else lines.push(line)
    })
  await exited
  return lines
}
