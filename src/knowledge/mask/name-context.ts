import { kindOf, letter } from './character.ts'

/** Words behind `user` that are no names. */
const notNames: ReadonlySet<string> = new Set(
  (
    'unknown request requests input error agent space mode id name data not is found account password ' +
    'and or level defined interface session sessions profile process group list table events action ' +
    'authentication count limit total number query service api role message activity traffic cache ' +
    'store database quota login logout info information details settings code'
  ).split(' '),
)

/** Words that a name is followed by in prose, where it does not end the sentence. */
const followers: ReadonlySet<string> = new Set(
  'by from on at in to via with using logged is was has does'.split(' '),
)

/** What is given, asked or refused `for` a user. */
const credentials: ReadonlySet<string> = new Set(
  'password passwd publickey login logon session authentication credentials none access token failure failures exceeded'.split(
    ' ',
  ),
)

/**
 * Keys whose values say what happened, so that another value is another event: also as the last
 * part of a key (`newState`, `exit_status`).
 */
const tellingKeys: ReadonlySet<string> = new Set(
  (
    'state status level severity msg message reason error err exception cause result outcome type ' +
    'kind action event phase stage step method verb command cmd op operation mode signal health ' +
    'condition category verdict decision'
  ).split(' '),
)

const monthsAndDays: ReadonlySet<string> = new Set(
  (
    'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec January February March April June July August ' +
    'September October November December Sun Mon Tue Wed Thu Fri Sat Sunday Monday Tuesday Wednesday ' +
    'Thursday Friday Saturday'
  ).split(' '),
)

const booleans: ReadonlySet<string> = new Set('true false True False TRUE FALSE'.split(' '))

const units: ReadonlySet<string> = new Set(
  (
    'B KB MB GB TB PB KiB MiB GiB TiB kB kb mb gb K M G ns us µs ms s sec secs min mins h hr hrs ' +
    'Hz kHz KHz MHz GHz bps kbps Mbps Gbps'
  ).split(' '),
)

/** True where the words before a word say that it is a name: `user`, `password for`, `by client`. */
export function expectsName(beforePrevious: string, previous: string): boolean {
  if (previous === 'for') return credentials.has(beforePrevious)
  if (previous === 'client') return beforePrevious === 'by'
  return previous === 'user' || previous === 'User' || previous === 'username'
}

/** True when a word where a name is expected is one, by what follows it (empty: nothing). */
export function isName(previous: string, word: string, next: string): boolean {
  if (notNames.has(word.toLowerCase())) return false
  if (previous === 'for') return next === 'from' || next[0] === '['
  return next === '' || next[0] === '[' || next[0] === '(' || followers.has(next)
}

/** True for a key whose value says what happened, not to whom or how much. */
export function isTellingKey(key: string): boolean {
  let end = key.length
  while (end > 0 && kindOf(key.charCodeAt(end - 1)) !== letter) end -= 1
  let start = end
  while (start > 0 && isLowerCase(key.charCodeAt(start - 1))) start -= 1
  if (start > 0 && start < end && kindOf(key.charCodeAt(start - 1)) === letter) start -= 1
  if (start === end) start = 0
  return end - start <= 9 && tellingKeys.has(key.slice(start, end).toLowerCase())
}

function isLowerCase(code: number): boolean {
  return code >= 97 && code <= 122
}

/** True for `true` and `false`, also as Python and SQL write them. */
export function isBoolean(word: string): boolean {
  if (word.length !== 4 && word.length !== 5) return false
  const first = word.charCodeAt(0) | 32
  if (first !== 116 && first !== 102) return false
  return booleans.has(word)
}

/** True for the name of a month or a day of the week. */
export function isCalendarWord(word: string): boolean {
  return monthsAndDays.has(word)
}

/** True for a unit of size, time or rate that may follow its number after a blank. */
export function isUnit(word: string): boolean {
  return units.has(word)
}
