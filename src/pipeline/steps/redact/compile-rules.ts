import { RE2JS } from 're2js'
import { MillraceError, messageOf } from '../../../base/errors.ts'
import { type OwnRule, redactionRules } from './placeholder.ts'

/** A rule of the user's own. What its first group finds, or all that it finds, becomes `<name:3fa2c1>`. */
export interface RedactRule {
  /** 2-20 small letters and `_`, and no built-in rule's. Its counts and placeholders have it. */
  name: string
  /** Flags i, m, s and u are kept, g changes nothing. No lookaround and no back reference: they cannot run in linear time. */
  pattern: RegExp
}

const longestPattern = 1_000
/** Instructions of the compiled pattern: time is their number times the text's length at the worst. */
const largestProgram = 2_000

/**
 * Checks rules and compiles them for an engine that takes linear time on any text (RE2's), whatever the pattern. Fails
 * with `invalid_argument` for one that it does not admit, and for one that finds the empty text.
 */
export function compileRules(rules: readonly RedactRule[]): OwnRule[] {
  if (!Array.isArray(rules)) throw refuse('rules', 'a list', typeof rules)
  const names = new Set<string>(redactionRules)
  return rules.map((rule, index) => {
    const at = `rules[${index}]`
    const unknown = Object.keys(rule).find((key) => key !== 'name' && key !== 'pattern')
    if (unknown !== undefined) throw refuse(at, 'the keys name and pattern', `"${unknown}"`)
    const { name, pattern } = rule
    if (typeof name !== 'string' || !/^[a-z_]{2,20}$/.test(name))
      throw refuse(`${at}.name`, '2 to 20 small letters and _', JSON.stringify(name))
    if (names.has(name)) throw refuse(`${at}.name`, 'a name that no other rule has', `"${name}"`)
    names.add(name)
    if (!(pattern instanceof RegExp))
      throw refuse(`${at}.pattern`, 'a RegExp', JSON.stringify(pattern))
    return { name, replace: compile(pattern, `${at}.pattern`) }
  })
}

function compile(pattern: RegExp, at: string): OwnRule['replace'] {
  const { source, flags } = pattern
  if (/[yv]/.test(flags)) throw refuse(at, 'no flag but g, i, m, s and u', `/${flags}`)
  if (source.length > longestPattern)
    throw refuse(at, `at most ${longestPattern} characters`, `${source.length}`)
  let compiled: RE2JS
  try {
    const kept =
      (flags.includes('i') ? RE2JS.CASE_INSENSITIVE : 0) |
      (flags.includes('m') ? RE2JS.MULTILINE : 0) |
      (flags.includes('s') ? RE2JS.DOTALL : 0)
    compiled = RE2JS.compile(RE2JS.translateRegExp(source), kept)
  } catch (error) {
    throw refuse(
      at,
      'a pattern that can run in linear time (no lookaround, no back reference)',
      `/${source}/: ${messageOf(error)}`,
    )
  }
  if (compiled.programSize() > largestProgram)
    throw refuse(
      at,
      `a pattern of at most ${largestProgram} instructions; make its repetitions shorter`,
      `${compiled.programSize()}`,
    )
  if (samples.some((sample) => findsNothing(compiled, sample)))
    throw refuse(at, 'a pattern that finds something', `/${source}/, which finds the empty text`)
  return (text, by) => replaceAll(compiled, text, by)
}

/** Texts in which a pattern for what stands between two signs finds it. */
const samples = ['', 'a', 'a 1', '\n', '. -']

function findsNothing(pattern: RE2JS, sample: string): boolean {
  const matcher = pattern.matcher(sample)
  while (matcher.find()) if (matcher.start() === matcher.end()) return true
  return false
}

function replaceAll(pattern: RE2JS, text: string, by: (secret: string) => string): string {
  // Whether it is there at all is told a dozen times faster than where its groups are.
  if (!pattern.test(text)) return text
  const matcher = pattern.matcher(text)
  let out = ''
  let done = 0
  const group = pattern.groupCount() > 0 ? 1 : 0
  while (matcher.find()) {
    const secret = matcher.group(group)
    const start = matcher.start(group)
    // A group that took no part, and a match of nothing between others, as at a word's border.
    if (secret === null || secret === '' || isInPlaceholder(text, start)) continue
    out += text.slice(done, start) + by(secret)
    done = start + secret.length
  }
  return done === 0 ? text : out + text.slice(done)
}

/** True within `<name:3fa2c1>`: what was taken out is not taken out again. */
function isInPlaceholder(text: string, at: number): boolean {
  const open = text.slice(Math.max(0, at - 29), at + 1).lastIndexOf('<')
  if (open < 0) return false
  const from = Math.max(0, at - 29) + open
  const match = /^<[a-z_]{2,20}:[0-9a-f]{6}>/.exec(text.slice(from, from + 32))
  return match !== null && from + match[0].length > at
}

function refuse(at: string, expected: string, found: string): MillraceError {
  return new MillraceError(
    'invalid_argument',
    `expected ${at} of redact() to be ${expected}, got ${found}`,
  )
}
