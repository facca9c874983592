// The client of one contender, in a process of its own: `fork('child.ts', [FILE, URL])`. It is sent the lines, then
// numbers of seconds, and answers each with the turn it made of them. It ends with whoever started it.
import { messageOf } from '../../src/base/errors.ts'
import type { BenchLine } from '../support/lines.ts'
import { peakRss } from '../support/memory.ts'
import { batchSize, type Client, type Contender, slots, type Turn } from './contender.ts'

export type ToChild = { lines: readonly BenchLine[] } | { seconds: number }
export type FromChild = { ready: true } | { turn: Turn } | { error: string }

const [file = '', url = ''] = process.argv.slice(2)
let batches: BenchLine[][] = []
let next = 0
let client: Client | undefined

function cut(lines: readonly BenchLine[]): BenchLine[][] {
  const count = Math.max(slots, Math.floor(lines.length / batchSize))
  return Array.from({ length: count }, (_, batch) =>
    Array.from({ length: batchSize }, (_, index) => {
      const line = lines[(batch * batchSize + index) % lines.length]
      if (!line) throw new Error('expected log lines, found none')
      return line
    }),
  )
}

async function turn(to: Client, seconds: number): Promise<Turn> {
  const putMs: number[] = []
  const start = performance.now()
  let records = 0
  const write = async (slot: number) => {
    while (performance.now() - start < seconds * 1000) {
      const batch = batches[next++ % batches.length] ?? []
      const putAt = performance.now()
      await to.put(slot, batch)
      putMs.push(performance.now() - putAt)
      records += batch.length
    }
  }
  await Promise.all(Array.from({ length: slots }, (_, slot) => write(slot)))
  await to.settle?.()
  return {
    records,
    seconds: (performance.now() - start) / 1000,
    putMs: to.settle ? [] : putMs,
    peakRssMib: peakRss(),
  }
}

async function answer(message: ToChild): Promise<FromChild> {
  if ('lines' in message) {
    const { contender } = (await import(`./${file}.ts`)) as { contender: Contender }
    batches = cut(message.lines)
    client = await contender.connect(url)
    return { ready: true }
  }
  if (!client) throw new Error('expected the lines before a turn')
  return { turn: await turn(client, message.seconds) }
}

process.on('message', (message: ToChild) => {
  answer(message)
    .catch((error: unknown): FromChild => ({ error: messageOf(error) }))
    // A turn that an interruption ended has nobody to tell.
    .then((reply) => process.connected && process.send?.(reply))
})
// Ctrl-C reaches the whole group: the benchmark decides when this one ends.
process.on('SIGINT', () => undefined)
process.on('disconnect', () => {
  const end = () => process.exit()
  setTimeout(end, 2_000)
  void Promise.resolve(client?.close()).finally(end)
})
