import type { LeafTest } from './matchers.ts'

export type LowerBound = '>' | '>='
export type UpperBound = '<' | '<='
export type NumericCondition =
  | readonly ['=' | LowerBound | UpperBound, number]
  | readonly [LowerBound, number, UpperBound, number]
  | readonly [UpperBound, number, LowerBound, number]

type Compare = (value: number, bound: number) => boolean

const comparisons = new Map<unknown, Compare>([
  ['=', (value, bound) => value === bound],
  ['>', (value, bound) => value > bound],
  ['>=', (value, bound) => value >= bound],
  ['<', (value, bound) => value < bound],
  ['<=', (value, bound) => value <= bound],
])

/** Compiles `[operator, number]` or a range of two such pairs; returns what is expected where it is not one. */
export function compileNumeric(condition: unknown): LeafTest | string {
  if (!Array.isArray(condition) || (condition.length !== 2 && condition.length !== 4))
    return '[operator, number] or [operator, number, operator, number]'
  const [operator, bound, otherOperator, otherBound] = condition as unknown[]
  const compare = comparisons.get(operator)
  if (!compare) return 'one of = > >= < <= as an operator'
  if (!isBound(bound)) return 'a number behind each operator'
  if (condition.length === 2) return (leaf) => typeof leaf === 'number' && compare(leaf, bound)
  const otherCompare = comparisons.get(otherOperator)
  if (!otherCompare) return 'one of = > >= < <= as an operator'
  if (!isBound(otherBound)) return 'a number behind each operator'
  const operators = `${operator}${otherOperator}`
  if (!/^(>=?<=?|<=?>=?)$/.test(operators)) return 'a range with one of > >= and one of < <='
  const [low, high] = operators.startsWith('>') ? [bound, otherBound] : [otherBound, bound]
  const isClosed = /^[<>]=[<>]=$/.test(operators)
  if (low > high || (low === high && !isClosed)) return 'a range that holds a number'
  return (leaf) =>
    typeof leaf === 'number' && compare(leaf, bound) && otherCompare(leaf, otherBound)
}

function isBound(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value)
}
