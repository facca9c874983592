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
  'password passwd publickey login logon session authentication credentials none access token'.split(
    ' ',
  ),
)

/** Keys whose values name one thing or person, even when they are plain words. */
const namingKeys: ReadonlySet<string> = new Set(
  (
    'user username uname login logname ruser account email mail host hostname rhost server client ' +
    'name path file filename url uri addr address ip peer id session customer tenant owner'
  ).split(' '),
)

const monthsAndDays: ReadonlySet<string> = new Set(
  (
    'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec January February March April June July August ' +
    'September October November December Sun Mon Tue Wed Thu Fri Sat Sunday Monday Tuesday Wednesday ' +
    'Thursday Friday Saturday'
  ).split(' '),
)

const units: ReadonlySet<string> = new Set(
  (
    'B KB MB GB TB PB KiB MiB GiB TiB kB kb mb gb K M G ns us µs ms s sec secs min mins h hr hrs ' +
    'Hz kHz KHz MHz GHz bps kbps Mbps Gbps'
  ).split(' '),
)

/** True where the words before a word say that it is a user's name: `user`, `password for`. */
export function expectsName(beforePrevious: string, previous: string): boolean {
  if (previous === 'for') return credentials.has(beforePrevious)
  return previous === 'user' || previous === 'User' || previous === 'username'
}

/** True when a word where a name is expected is one, by what follows it (empty: nothing). */
export function isName(previous: string, word: string, next: string): boolean {
  if (notNames.has(word.toLowerCase())) return false
  if (previous === 'for') return next === 'from'
  return next === '' || next[0] === '[' || next[0] === '(' || followers.has(next)
}

/** True for a key whose value is a name, an address or a path, whatever it looks like. */
export function isNamingKey(key: string): boolean {
  return namingKeys.has(key) || namingKeys.has(key.toLowerCase())
}

/** True for the name of a month or a day of the week. */
export function isCalendarWord(word: string): boolean {
  return monthsAndDays.has(word)
}

/** True for a unit of size, time or rate that may follow its number after a blank. */
export function isUnit(word: string): boolean {
  return units.has(word)
}
