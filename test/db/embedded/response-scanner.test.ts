import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createResponseScanner } from '../../../src/db/embedded/response-scanner.ts'
import { wireMessage } from '../../../src/db/embedded/wire.ts'

const messages = fc.array(
  fc
    .tuple(fc.constantFrom('D', 'T', 'Z', 'C', 'A'), fc.uint8Array({ maxLength: 50 }))
    .map(([type, body]) => ({ type, bytes: wireMessage(type, Buffer.from(body)) })),
)

test('wanted messages come whole, the others’ bytes pass in order, however they were cut', () => {
  fc.assert(
    fc.property(messages, fc.array(fc.integer({ min: 1, max: 40 })), (sent, cuts) => {
      const bytes = Buffer.concat(sent.map((message) => message.bytes))
      const wanted: { type: string; bytes: Buffer }[] = []
      const all: Buffer[] = []
      const scanner = createResponseScanner('ZA', {
        pass: (part) => all.push(part),
        message: (type, message) => {
          wanted.push({ type, bytes: message })
          all.push(message)
        },
      })
      // The engine's memory, which it uses again.
      const memory = Buffer.alloc(bytes.length)
      for (let at = 0, cut = 0; at < bytes.length; cut += 1) {
        const part = bytes.subarray(at, at + (cuts[cut] ?? bytes.length))
        part.copy(memory)
        scanner.push(memory.subarray(0, part.length))
        memory.fill(0)
        at += part.length
      }
      expect(wanted).toEqual(sent.filter(({ type }) => 'ZA'.includes(type)))
      expect(Buffer.concat(all)).toEqual(bytes)
      expect(scanner.isMidMessage()).toBe(false)
    }),
  )
})

test('a row that has passed in part is known, and not held', () => {
  let passed = 0
  const scanner = createResponseScanner('Z', {
    pass: (part) => {
      passed += part.length
    },
    message: () => undefined,
  })
  scanner.push(wireMessage('D', Buffer.alloc(1_000)).subarray(0, 600))
  expect([passed, scanner.isMidMessage()]).toEqual([600, true])
})
