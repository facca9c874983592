import { expect, test } from 'vitest'
import { abortable, throwIfAborted } from '../../src/embed/abortable.ts'

const never = new Promise<never>(() => undefined)

test('the work’s outcome is the outcome', async () => {
  const { signal } = new AbortController()
  expect(await abortable(Promise.resolve(1), signal)).toBe(1)
  expect(await abortable(Promise.resolve(1), undefined)).toBe(1)
  await expect(abortable(Promise.reject(new Error('no')), signal)).rejects.toThrow('no')
})

test('the wait ends with the signal, also when that was aborted before', async () => {
  const stop = new AbortController()
  const waiting = abortable(never, stop.signal)
  stop.abort()
  await expect(waiting).rejects.toMatchObject({ code: 'aborted' })
  await expect(abortable(never, stop.signal)).rejects.toMatchObject({ code: 'aborted' })
  expect(() => throwIfAborted(stop.signal)).toThrow(/aborted/)
})
