import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { type CommitHalf, startPostgresProxy } from '../../bench/chaos/postgres-proxy.ts'

const commit = 'Q\0\0\0\x0bcommit\0'

/** A server that answers each packet with `answered`, the proxy before it, and a client that is connected. */
async function openRig() {
  const heard: string[] = []
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.on('data', (chunk) => {
      heard.push(chunk.toString('latin1'))
      socket.write('answered')
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const proxy = await startPostgresProxy(`postgres://user@127.0.0.1:${port}/db`)
  const client = connect(Number(new URL(proxy.url).port), '127.0.0.1')
  client.on('error', () => undefined)
  await once(client, 'connect')
  onTestFinished(async () => {
    client.destroy()
    await proxy[Symbol.asyncDispose]()
    server.close()
  })
  const ask = async (text: string) => {
    client.write(text, 'latin1')
    return String(await once(client, 'data'))
  }
  return { heard, proxy, client, ask }
}

async function commitBatch(half: CommitHalf) {
  const { heard, proxy, client, ask } = await openRig()
  await ask('bind millrace.advance_checkpoint')
  proxy.cutCommits(1, half)
  const answers: string[] = []
  client.on('data', (chunk) => answers.push(String(chunk)))
  client.write(commit, 'latin1')
  await once(client, 'close')
  return { heard, answers, cut: proxy.cutSoFar() }
}

test('of a commit whose question is lost the server hears nothing', async () => {
  const { heard, answers, cut } = await commitBatch('question')
  expect(heard).not.toContain(commit)
  expect({ answers, cut }).toEqual({ answers: [], cut: 1 })
})

test('of a commit whose answer is lost the server has heard, and the client hears nothing', async () => {
  const { heard, answers, cut } = await commitBatch('answer')
  expect(heard).toContain(commit)
  expect({ answers, cut }).toEqual({ answers: [], cut: 1 })
})

test('commits of anything but batches, and all that it is told to spare, go through', async () => {
  const { proxy, ask } = await openRig()
  proxy.cutCommits(1, 'question')
  expect(await ask(commit)).toBe('answered')
  proxy.cutCommits(2, 'question')
  proxy.spareCommits()
  await ask('bind millrace.advance_checkpoint')
  expect(await ask(commit)).toBe('answered')
  expect(proxy.cutSoFar()).toBe(0)
})

test('what is sent while it stalls is neither passed on nor lost', async () => {
  const { heard, proxy, ask } = await openRig()
  await ask('before')
  proxy.stall()
  const answer = ask('meanwhile')
  const other = connect(Number(new URL(proxy.url).port), '127.0.0.1')
  onTestFinished(() => {
    other.destroy()
  })
  // A connection is accepted all the same, by which time the first one's packet has come.
  await once(other, 'connect')
  expect(heard).toEqual(['before'])
  proxy.flow()
  expect(await answer).toBe('answered')
})

test('one application stalls alone', async () => {
  const { heard, proxy, client, ask } = await openRig()
  await ask('user\0somebody\0application_name\0w1\0\0')
  const other = connect(Number(new URL(proxy.url).port), '127.0.0.1')
  onTestFinished(() => {
    other.destroy()
  })
  other.write('user\0somebody\0application_name\0w2\0\0')
  await once(other, 'data')
  proxy.stall('w1')
  client.write('held')
  other.write('passed')
  expect(String(await once(other, 'data'))).toBe('answered')
  expect(heard.at(-1)).toBe('passed')
  proxy.flow('w1')
  await once(client, 'data')
  expect(heard.at(-1)).toBe('held')
})
