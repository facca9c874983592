import { digit, joiner, kindOf, letter } from './character.ts'

/** Last labels of host names beside the two letters of a country. */
const topLevels: ReadonlySet<string> = new Set(
  'com net org edu gov mil int info biz io dev app cloud local internal lan home corp svc cluster arpa'.split(
    ' ',
  ),
)

/** Endings of files that are named alone, where a program or a source is meant. */
const fileEndings: ReadonlySet<string> = new Set(
  (
    'exe dll so sys bin sh bat ps1 py rb js ts mjs java class jar war c cc cpp cxx h hpp go rs php pl cs log txt out ' +
    'err conf cfg cnf ini xml json yaml yml toml csv sql html css tmp lock pid sock gz zip tar bz2 img pem key crt'
  ).split(' '),
)

const throwable = /(?:Exception|Error|Fault|Panic)$/

/**
 * True for a part with a joiner other than `-` and `_` between its characters, or an absolute path.
 */
export function isDotted(part: string): boolean {
  for (let at = 1; at < part.length - 1; at += 1) {
    const code = part.charCodeAt(at)
    if (kindOf(code) === joiner && code !== 45 && code !== 95) return true
  }
  return part.length > 1 && part.charCodeAt(0) === 47
}

/**
 * True for a dotted name that says what happened or where in the program, so that another name is
 * another statement: an exception, a qualified method, a name that something is told or called by.
 *
 * `leads` says that it begins a line with no sentence behind it (`order.created id=7`); `after` is
 * the character that follows.
 */
export function isStatementName(part: string, after: number, leads: boolean): boolean {
  const colon = part.endsWith(':') || after === 58
  const name = part.endsWith(':') ? part.slice(0, -1) : part
  if (!isPlainName(name)) return false
  const last = name.slice(Math.max(name.lastIndexOf('.'), name.lastIndexOf(':')) + 1)
  if (throwable.test(last) || name.includes('::')) return true
  if (fileEndings.has(last) || isTopLevel(last)) return false
  return after === 40 || leads || (colon && /[A-Z]/.test(name))
}

function isTopLevel(label: string): boolean {
  return topLevels.has(label) || (label.length === 2 && label === label.toLowerCase())
}

/** Letters, digits, `_`, `-` and `$`, parted by dots or `::`. */
function isPlainName(name: string): boolean {
  for (let at = 0; at < name.length; at += 1) {
    const code = name.charCodeAt(at)
    if ((kindOf(code) & (letter | digit)) !== 0) continue
    if (code !== 46 && code !== 58 && code !== 95 && code !== 45 && code !== 36) return false
    if (code === 58 && name.charCodeAt(at + 1) !== 58 && name.charCodeAt(at - 1) !== 58)
      return false
  }
  return name.length > 0
}
