import { compileCidr } from './cidr.ts'
import { compileNumeric, type NumericCondition } from './numeric.ts'
import { isPlainObject, pathTo, refusal } from './refusal.ts'
import { compileWildcard } from './wildcard.ts'

export type FilterScalar = string | number | boolean | null

/** Whole text, or the same without regard to case. */
export type FilterText = string | { readonly 'equals-ignore-case': string }

/** One way in which a field may match: a value that it equals, or one operator. */
export type FilterMatcher =
  | FilterScalar
  | { readonly prefix: FilterText }
  | { readonly suffix: FilterText }
  | { readonly 'equals-ignore-case': string }
  | { readonly wildcard: string }
  | { readonly numeric: NumericCondition }
  | { readonly cidr: string }
  | { readonly exists: boolean }
  | { readonly 'anything-but': FilterExclusion }

/** What a field may not be: values, or texts of one kind. */
export type FilterExclusion =
  | FilterScalar
  | readonly FilterScalar[]
  | { readonly prefix: FilterText | readonly FilterText[] }
  | { readonly suffix: FilterText | readonly FilterText[] }
  | { readonly 'equals-ignore-case': string | readonly string[] }
  | { readonly wildcard: string | readonly string[] }

/** Tests a value that is neither a list nor an object. */
export type LeafTest = (leaf: FilterScalar) => boolean

/** Tests what stands at a place of the JSON; undefined when nothing does. */
export type ValueTest = (value: unknown) => boolean

/** A compiled operator, or what was expected in place of its argument. */
type Compile = (argument: unknown) => LeafTest | string

const textOperators = new Map<string, Compile>([
  ['prefix', (argument) => compileEdge(argument, (text, length) => text.slice(0, length))],
  ['suffix', (argument) => compileEdge(argument, (text, length) => text.slice(-length))],
  ['equals-ignore-case', compileIgnoreCase],
  [
    'wildcard',
    (argument) => (isText(argument) ? compileWildcard(argument) : 'a string that is not empty'),
  ],
])

const operators = new Map<string, Compile>([
  ...textOperators,
  ['anything-but', compileAnythingBut],
  ['numeric', compileNumeric],
  ['cidr', (argument) => compileCidr(argument) ?? 'an address block as "10.0.0.0/24"'],
  ['exists', (argument) => (argument === true ? () => true : 'true or false')],
])

/**
 * Compiles a list of matchers, of which one must match. A list in the JSON matches when one of its elements does, also
 * of lists within it. As with AWS only leaves count: an object, or a list without values, is as if the field were absent.
 */
export function compileMatchers(
  list: readonly unknown[],
  path: string,
  problems: string[],
): ValueTest {
  if (list.length === 0) problems.push(refusal(path, 'a list of values or matchers', list))
  const values = new Set<unknown>()
  const tests: LeafTest[] = []
  let acceptsAbsent = false
  // Not forEach: it would pass over the holes of a list.
  for (const [index, matcher] of list.entries()) {
    const place = pathTo(path, index)
    if (isWanted(matcher)) values.add(matcher)
    else if (isAbsence(matcher)) acceptsAbsent = true
    else tests.push(compileOperator(matcher, place, problems))
  }
  if (values.size > 0) tests.unshift((leaf) => values.has(leaf))
  const [only] = tests
  const matchesLeaf: LeafTest =
    only && tests.length === 1 ? only : (leaf) => tests.some((test) => test(leaf))
  return (value) => {
    if (value === undefined) return acceptsAbsent
    if (isScalar(value)) return matchesLeaf(value)
    const leaves = Array.isArray(value) ? elementsOf(value).filter(isScalar) : []
    return leaves.length === 0 ? acceptsAbsent : leaves.some(matchesLeaf)
  }
}

/** The elements of a list and of the lists in it. Not recursive: a body may nest them deeper than calls can go. */
export function elementsOf(list: readonly unknown[]): unknown[] {
  if (!list.some(Array.isArray)) return [...list]
  const elements: unknown[] = []
  const open: (readonly unknown[])[] = [list]
  for (let next = open.pop(); next; next = open.pop())
    for (const element of next)
      if (Array.isArray(element)) open.push(element)
      else elements.push(element)
  return elements
}

function compileOperator(matcher: unknown, path: string, problems: string[]): LeafTest {
  const refuse = (place: string, expected: string, found: unknown): LeafTest => {
    problems.push(refusal(place, expected, found))
    return () => false
  }
  const one = entryOf(matcher)
  const compile = one && operators.get(one.operator)
  if (!one || !compile)
    return refuse(
      path,
      `a string, a finite number, true, false, null or an object with one operator of ${[...operators.keys()].join(', ')}`,
      matcher,
    )
  const test = compile(one.argument)
  return typeof test === 'string' ? refuse(pathTo(path, one.operator), test, one.argument) : test
}

function entryOf(value: unknown): { operator: string; argument: unknown } | undefined {
  if (!isPlainObject(value)) return undefined
  const [entry, another] = Object.entries(value)
  return entry && !another ? { operator: entry[0], argument: entry[1] } : undefined
}

/** Prefixes and suffixes: the part of the text that is as long as the wanted one is compared with it. */
function compileEdge(
  argument: unknown,
  edge: (text: string, length: number) => string,
): LeafTest | string {
  const one = entryOf(argument)
  const ignoresCase = one?.operator === 'equals-ignore-case'
  const wanted = ignoresCase ? one.argument : argument
  // An empty one would match every text: hardly meant, more likely a variable that was not set.
  if (!isText(wanted)) return 'a string that is not empty, or { "equals-ignore-case": STRING }'
  const { length } = wanted
  if (!ignoresCase) return (leaf) => typeof leaf === 'string' && edge(leaf, length) === wanted
  const folded = wanted.toLowerCase()
  return (leaf) => typeof leaf === 'string' && edge(leaf, length).toLowerCase() === folded
}

function compileIgnoreCase(argument: unknown): LeafTest | string {
  if (typeof argument !== 'string') return 'a string'
  const folded = argument.toLowerCase()
  return (leaf) => typeof leaf === 'string' && leaf.toLowerCase() === folded
}

function compileAnythingBut(argument: unknown): LeafTest | string {
  const expected = `a value, a list of values, or an object with one of ${[...textOperators.keys()].join(', ')} and a string or a list of strings`
  const listed = Array.isArray(argument) ? Array.from<unknown>(argument) : [argument]
  if (listed.length > 0 && listed.every(isWanted)) {
    const values = new Set<unknown>(listed)
    return (leaf) => !values.has(leaf)
  }
  const one = entryOf(argument)
  const compile = one && textOperators.get(one.operator)
  if (!one || !compile) return expected
  const wanted = Array.isArray(one.argument) ? Array.from<unknown>(one.argument) : [one.argument]
  if (wanted.length === 0) return expected
  const tests: LeafTest[] = []
  for (const text of wanted) {
    const test = compile(text)
    if (typeof test === 'string') return `${one.operator} with ${test}`
    tests.push(test)
  }
  return (leaf) => !tests.some((test) => test(leaf))
}

function isAbsence(matcher: unknown): boolean {
  const one = entryOf(matcher)
  return one?.operator === 'exists' && one.argument === false
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

/** A value that a pattern may name: infinite is a number in a body only, where 1e999 is one. */
function isWanted(value: unknown): value is FilterScalar {
  return isScalar(value) && (typeof value !== 'number' || Number.isFinite(value))
}

function isScalar(value: unknown): value is FilterScalar {
  if (value === null) return true
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
}
