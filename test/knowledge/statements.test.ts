import { describe, expect, test } from 'vitest'
import { maskBody } from '../../src/knowledge/mask.ts'
import { patternKey } from '../../src/knowledge/pattern-key.ts'
import { statements } from './statement-lines.ts'

const keyOf = (line: string) => patternKey(maskBody(line).shape)

describe('lines of one statement are one pattern, and no other statement shares it', () => {
  test.each(statements.map((lines) => [lines[0] ?? '', lines] as const))('%s', (_first, lines) => {
    const keys = new Set(lines.map(keyOf))
    expect([...keys]).toHaveLength(1)
    const sharing = statements.filter((other) => other.some((line) => keys.has(keyOf(line))))
    expect(sharing).toEqual([lines])
  })
})
