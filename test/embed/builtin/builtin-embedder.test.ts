import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { createBuiltinEmbedder } from '../../../src/embed/builtin/builtin-embedder.ts'
import type { Embedder, EmbedUsage } from '../../../src/embed/embedder.ts'
import { cosine, lengthOf } from '../cosine.ts'
import { type LogLine, memoryLogger } from '../memory-logger.ts'

const opened: Embedder[] = []
const { logger, lines } = memoryLogger()
const embedder = open()
afterAll(() => Promise.all(opened.map((each) => each.close())))

function open(options: Parameters<typeof createBuiltinEmbedder>[1] = {}, log = logger): Embedder {
  const created = createBuiltinEmbedder({ logger: log }, { threads: 1, ...options })
  opened.push(created)
  return created
}

const pidOf = (log: LogLine[]) => Number(log.find((line) => line.msg === 'embedder.start')?.pid)

const enginesIn = (log: LogLine[]) =>
  log.filter((line) => line.msg === 'embedder.load').map((line) => String(line.engine))

const isRunning = (pid: number) => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

const dozen = [
  'connection refused',
  'payment-7f9c: OOMKilled, exit code 137',
  'nova.compute.manager [req-38101a0b-2096-447d-96ea-a692162415ae] VM Started (Lifecycle Event)',
  'WARN [SendWorker:188978561024] - Interrupted while waiting for message on queue',
  '2026-01-05T14:32:07.123Z ERROR checkout failed to charge card: upstream 503',
  'Établissement de la connexion échoué: délai dépassé',
  'データベースに接続できません',
  '🔥 disk full 🔥',
  '\u0000\u0001\u0002',
  '{"level":"error","msg":"write failed","errno":28}',
  'x'.repeat(5000),
  `at java.lang.Thread.run(Thread.java:748) `.repeat(60),
]

test('the native and the portable engine give the same vectors', { timeout: 120_000 }, async () => {
  const portable = open({ portable: true })
  const [native, wasm] = await Promise.all([embedder.embed(dozen), portable.embed(dozen)])
  for (const [index, vector] of native.entries())
    expect(cosine(vector, wasm[index])).toBeGreaterThanOrEqual(0.9999)
  expect(enginesIn(lines).sort()).toEqual(['onnx', 'wasm'])
})

test('a vector has 384 numbers and unit length', { timeout: 30_000 }, async () => {
  for (const vector of await embedder.embed(dozen)) {
    expect(vector).toHaveLength(embedder.dimensions)
    expect(lengthOf(vector)).toBeCloseTo(1, 5)
  }
})

test('a vector stands at its text’s place and does not depend on its neighbours', async () => {
  const texts = Array.from({ length: 70 }, (_, i) => 'word '.repeat(1 + ((i * 37) % 20)) + i)
  const together = await embedder.embed(texts)
  for (const index of [0, 33, 69]) {
    const [alone] = await embedder.embed(texts.slice(index, index + 1))
    expect(cosine(together[index], alone)).toBeGreaterThan(0.99999)
  }
})

test('a batch is a request of the tokens that the model reads, and its vectors are told at once', async () => {
  const texts = Array.from({ length: 40 }, (_, index) => (index === 3 ? ' ' : 'one two'))
  const usage: EmbedUsage[] = []
  const told = new Map<number, Float32Array>()
  const vectors = await embedder.embed(texts, {
    onUsage: (each) => usage.push(each),
    onVectors(found) {
      for (const [place, vector] of found) told.set(place, vector)
    },
  })
  // Two words, and the marks at both ends.
  expect(usage).toEqual([
    { requests: 1, tokens: 32 * 4 },
    { requests: 1, tokens: 7 * 4 },
  ])
  expect(texts.map((_text, place) => told.get(place) ?? null)).toEqual(vectors)
})

test('meanings that are near have nearer vectors', async () => {
  const [full, space, login] = await embedder.embed([
    'write failed: no space left on device',
    'the volume is full',
    'user logged in from a new browser',
  ])
  expect(cosine(full, space)).toBeGreaterThan(cosine(full, login) + 0.1)
})

test('a blank text has no vector and its neighbours have theirs', async () => {
  const vectors = await embedder.embed(['', 'a', ' \n\t', 'b'])
  expect(vectors.map((vector) => vector?.length ?? null)).toEqual([null, 384, null, 384])
  expect(await embedder.embed([])).toEqual([])
  expect(await embedder.embed([' '])).toEqual([null])
})

test('a text of 5 MB is embedded by its beginning', async () => {
  const [long, start] = await embedder.embed([
    'disk full '.repeat(500_000),
    'disk full '.repeat(300),
  ])
  expect(cosine(long, start)).toBeGreaterThan(0.99999)
})

test('an aborted call fails at once and leaves the embedder usable', async () => {
  const stop = new AbortController()
  const call = embedder.embed(dozen, { signal: stop.signal })
  stop.abort()
  await expect(call).rejects.toMatchObject({ code: 'aborted' })
  await expect(embedder.embed(['a'], { signal: stop.signal })).rejects.toMatchObject({
    code: 'aborted',
  })
  expect(await embedder.embed(['a'])).toHaveLength(1)
})

test('when its process dies, the call fails as retryable and the next one starts another', async () => {
  const log = memoryLogger()
  const fragile = open({}, log.logger)
  await fragile.warm?.()
  const call = fragile.embed(dozen)
  process.kill(pidOf(log.lines), 'SIGKILL')
  await expect(call).rejects.toMatchObject({ code: 'embedder_unavailable', retryable: true })
  expect(await fragile.embed(['a'])).toHaveLength(1)
  expect(enginesIn(log.lines)).toEqual(['onnx', 'onnx'])
})

test('when its process dies while loading, the portable engine is tried in its stead', async () => {
  const log = memoryLogger()
  const fragile = open({}, log.logger)
  const call = fragile.embed(['a'])
  process.kill(pidOf(log.lines), 'SIGKILL')
  expect((await call)[0]).toHaveLength(384)
  expect(enginesIn(log.lines)).toEqual(['wasm'])
  expect(log.lines.filter((line) => line.msg === 'embedder.fall_back')).toMatchObject([
    { engine: 'wasm', reason: expect.stringContaining('SIGKILL') },
  ])
})

test('Ctrl-C in the terminal does not end its process before the calls are done', async () => {
  const log = memoryLogger()
  const draining = open({}, log.logger)
  await draining.warm?.()
  const pid = pidOf(log.lines)
  const call = draining.embed(dozen)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.kill(pid, signal)
  expect(await call).toHaveLength(dozen.length)
  expect(isRunning(pid)).toBe(true)
})

test('its process ends when this one is killed', async () => {
  const program = new URL('./embedding-program.ts', import.meta.url)
  const parent = spawn(process.execPath, [fileURLToPath(program)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  // Both write to this pipe, so it ends with the last of the two.
  const pids: number[] = []
  for await (const line of createInterface(parent.stderr)) {
    const { msg, pid } = JSON.parse(line)
    if (msg !== 'embedder.load') continue
    pids.push(pid)
    expect(isRunning(pid)).toBe(true)
    parent.kill('SIGKILL')
  }
  expect(pids).toHaveLength(1)
})

test('close ends calls in flight and the process, and can be repeated', async () => {
  const log = memoryLogger()
  const closing = open({}, log.logger)
  await closing.warm?.()
  const call = closing.embed(dozen)
  const [outcome] = await Promise.allSettled([call, closing.close(), closing.close()])
  expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'aborted' } })
  expect(isRunning(pidOf(log.lines))).toBe(false)
  await expect(closing.embed(['a'])).rejects.toMatchObject({ code: 'aborted' })
})

test('close while loading leaves nothing behind', async () => {
  const closing = open()
  const call = closing.embed(['a'])
  await Promise.all([expect(call).rejects.toMatchObject({ code: 'aborted' }), closing.close()])
})

test('an embedder that was never used closes', async () => {
  await open().close()
})
