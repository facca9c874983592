import { expect, test } from 'vitest'
import { testDatabase } from '../support/database.ts'
import { runProcess } from '../support/run-process.ts'
import { embeddingServer } from './openai/embedding-server.ts'

const { pool, url } = await testDatabase()

test('two processes that want the same texts at once pay for each once', async () => {
  const server = await embeddingServer()
  const start = () => runProcess('test/embed/embed-process.ts', [url, server.url, '1000'])
  const processes = [start(), start()]
  expect(await Promise.all(processes.map(({ exited }) => exited))).toEqual([0, 0])
  expect(processes.map(({ output }) => output())).toEqual(['1000\n', '1000\n'])
  const sent = server.requests.flatMap(({ texts }) => texts)
  expect(sent).toHaveLength(1000)
  expect(new Set(sent).size).toBe(1000)
  const { rows } = await pool.query('select from millrace.embedding_claim')
  expect(rows).toHaveLength(0)
})

test('when the process that embeds is killed, another takes over once its claims have expired', async () => {
  const server = await embeddingServer(({ number }) => (number === 1 ? 'hang' : undefined))
  const start = () => runProcess('test/embed/embed-process.ts', [url, server.url, '50', '1500'])
  const holder = start()
  await server.arrived(1)
  const other = start()
  holder.child.kill('SIGKILL')
  expect(await holder.exited).toBe('SIGKILL')
  expect(await other.exited).toBe(0)
  expect(other.output()).toBe('50\n')
  expect(server.requests.map(({ texts }) => texts.length)).toEqual([50, 50])
})
