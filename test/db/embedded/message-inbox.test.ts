import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createMessageInbox } from '../../../src/db/embedded/message-inbox.ts'
import { type WireMessage, wireMessage } from '../../../src/db/embedded/wire.ts'

const messages = fc.array(
  fc
    .tuple(fc.constantFrom('Q', 'P', 'B', 'S'), fc.uint8Array({ maxLength: 40 }))
    .map(([type, body]) => ({ type, bytes: wireMessage(type, Buffer.from(body)) })),
)

test('messages come out as they went in, however the bytes were cut', () => {
  fc.assert(
    fc.property(messages, fc.array(fc.integer({ min: 1, max: 30 })), (sent, cuts) => {
      const bytes = Buffer.concat(sent.map((message) => message.bytes))
      const inbox = createMessageInbox(1_000)
      const received: WireMessage[] = []
      for (let at = 0, cut = 0; at < bytes.length; cut += 1) {
        const next = at + (cuts[cut] ?? bytes.length)
        inbox.push(bytes.subarray(at, next))
        for (let message = inbox.message(); message; message = inbox.message())
          received.push(message)
        at = next
      }
      expect(received).toEqual(sent)
    }),
  )
})

test('a message is refused by its length, before it has come', () => {
  const inbox = createMessageInbox(100)
  inbox.push(Buffer.from([0x51, 0, 0, 0, 101]))
  expect(() => inbox.message()).toThrow(expect.objectContaining({ code: 'limit_exceeded' }))
})

test('a startup packet has its own limit', () => {
  const inbox = createMessageInbox(1_000_000)
  inbox.push(Buffer.from([0, 0x10, 0, 0]))
  expect(() => inbox.startupPacket()).toThrow(expect.objectContaining({ code: 'invalid_argument' }))
})
