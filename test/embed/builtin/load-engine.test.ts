import { afterEach, expect, test } from 'vitest'
import { loadEngine } from '../../../src/embed/builtin/load-engine.ts'

const { arch } = process
const pretend = (value: string) => Object.defineProperty(process, 'arch', { value })
afterEach(() => pretend(arch))

test('where the native runtime has no binary, the portable engine is loaded and the reason is told', async () => {
  pretend('riscv64')
  const { engine, fallback } = await loadEngine({ threads: 1, portable: false })
  expect(engine.name).toBe('wasm')
  expect(fallback).toMatch(/riscv64/)
})

test('asked for the portable engine, it gives no reason', async () => {
  const { engine, fallback } = await loadEngine({ threads: 1, portable: true })
  expect(engine.name).toBe('wasm')
  expect(fallback).toBeUndefined()
})
