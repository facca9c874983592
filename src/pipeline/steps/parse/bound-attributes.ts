import { setField } from './draft.ts'
import { cutText, safeText } from './safe-text.ts'

export const attributeLimits = {
  /** Values, at all depths. */
  values: 512,
  depth: 8,
  keyLength: 256,
  stringLength: 8_192,
  /** Keys and strings together, in UTF-16 units. */
  totalLength: 65_536,
} as const satisfies Record<string, number>

interface Budget {
  values: number
  length: number
  cut: boolean
}

/**
 * Structured fields as `jsonb` takes them, within `attributeLimits`: safe keys and strings, finite
 * numbers, no more than so many of them. `cut` says that something was left out or shortened.
 */
export function boundAttributes(attributes: Record<string, unknown>): {
  attributes: Record<string, unknown>
  cut: boolean
} {
  const budget: Budget = {
    values: attributeLimits.values,
    length: attributeLimits.totalLength,
    cut: false,
  }
  return { attributes: boundObject(attributes, budget, 1), cut: budget.cut }
}

function boundObject(
  source: Record<string, unknown>,
  budget: Budget,
  depth: number,
): Record<string, unknown> {
  const target: Record<string, unknown> = {}
  for (const key of Object.keys(source)) {
    if (!take(budget, key.length)) break
    const value = boundValue(source[key], budget, depth)
    if (value !== undefined)
      setField(target, boundString(key, attributeLimits.keyLength, budget), value)
  }
  return target
}

function boundValue(value: unknown, budget: Budget, depth: number): unknown {
  switch (typeof value) {
    case 'string':
      budget.length -= Math.min(value.length, attributeLimits.stringLength)
      return boundString(value, attributeLimits.stringLength, budget)
    case 'number':
      return Number.isFinite(value) ? value : String(value)
    case 'boolean':
      return value
    case 'bigint':
      return value.toString()
    case 'object':
      break
    default:
      return undefined
  }
  if (value === null) return null
  if (depth >= attributeLimits.depth) {
    budget.cut = true
    return Array.isArray(value) ? [] : {}
  }
  if (!Array.isArray(value)) return boundObject(value as Record<string, unknown>, budget, depth + 1)
  const list: unknown[] = []
  for (const item of value) {
    if (!take(budget, 0)) break
    list.push(boundValue(item, budget, depth + 1) ?? null)
  }
  return list
}

/** Pays for one value; false when nothing is left to pay with. */
function take(budget: Budget, length: number): boolean {
  budget.values -= 1
  budget.length -= length
  if (budget.values >= 0 && budget.length >= 0) return true
  budget.cut = true
  return false
}

function boundString(text: string, limit: number, budget: Budget): string {
  if (text.length <= limit) return safeText(text)
  budget.cut = true
  return safeText(cutText(text, limit))
}
