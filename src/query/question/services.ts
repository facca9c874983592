/** Services that a question means, and where it says so. */
export interface ServiceMention {
  service: string
  index: number
  end: number
  /** The mention says nothing else: it can be left out of what is searched for. */
  isOnlyFilter: boolean
}

const noun =
  '(?:service|svc|app|application|server|daemon|component|deployment|container|pod|workload|database|db)s?'
/** What belongs to a service when it stands behind its name. */
const belongings =
  /^(?:['’]s\b|\s+(?:errors?|warnings?|logs?|events?|messages?|lines?|exceptions?|crash(?:es)?|restarts?|pods?|containers?|instances?|service|svc|app|application|server|daemon|deployment)\b)/i
/** What makes the next word the place where something happened. */
const placed =
  /(?:\b(?:in|from|of|by|inside|within|for|on|at)|\b(?:did|does|do|is|are|was|were|has|have|can|could|will))\s+(?:the\s+|our\s+|my\s+)?$/i
/** The second and further names of "in checkout, payments and auth". */
const placedList =
  /\b(?:in|from|of|by|inside|within|for)\s+(?:the\s+)?[\w.-]+(?:,\s*[\w.-]+)*,?\s+(?:(?:and|or)\s+)?(?:the\s+)?$/i
/** What makes it the other end of something that happened elsewhere. */
const otherEnd =
  /\b(?:to|with|against|reach|reaching|reached|towards?|into|contact(?:ing)?|call(?:s|ing|ed)?|between|connect(?:s|ing|ed)?|depends?\s+on|calls?\s+(?:to|from)|(?:wait|look|ask)(?:s|ed|ing)?\s+(?:for|on))\s+(?:the\s+)?$/i

/**
 * Finds the known services that a question is confined to.
 *
 * A compound name ("orders-db") counts wherever it is not the other end of a connection. A name that could be any word
 * ("queue", "auth") counts where it is used as a place: "in auth", "auth logs", "the auth service", "did auth fail". So do a
 * name in other words ("the orders database", "payment service") and one with a small typo, where only one fits.
 * In doubt there is no filter: a wrong one hides the answer.
 */
export function findServices(text: string, services: readonly string[]): ServiceMention[] {
  const taken: ServiceMention[] = []
  const unclear: ServiceMention[] = []
  const known = services.filter((name) => name !== '').sort((a, b) => b.length - a.length)
  const isFree = ({ index, end }: { index: number; end: number }) =>
    [...taken, ...unclear].every((other) => end <= other.index || index >= other.end)
  for (const service of known)
    for (const place of placesOf(text, service)) {
      const use = useOf(text, place.index, place.end)
      const kind = /^\s+(?:service|svc|app|application|daemon|component|deployment)\b/i.exec(
        text.slice(place.end, place.end + 24),
      )
      if (!isFree(place) || use === 'other_end') continue
      const mentions = use === 'place' ? taken : unclear
      mentions.push({
        service,
        index: place.index,
        end: place.end + (kind?.[0].length ?? 0),
        isOnlyFilter: kind !== null || isCompound(service),
      })
    }
  for (const mention of inOtherWords(text, known)) if (isFree(mention)) taken.push(mention)
  // Beside another name of which it is not clear what it does there, a compound name is not clear either.
  if (unclear.every((mention) => mention.isOnlyFilter)) taken.push(...unclear)
  return taken.sort((a, b) => a.index - b.index)
}

/** True for a name that is no word: it has a hyphen, a dot, a digit. */
function isCompound(name: string): boolean {
  return /[^a-z]/i.test(name)
}

/** Programs are called so, and people say them of anything: only "the network service" or "network logs" means one. */
const everyday: ReadonlySet<string> = new Set(
  'network system random local time date user users data console security host node memory disk clock server client'.split(
    ' ',
  ),
)

type Use = 'place' | 'other_end' | 'unclear'

function useOf(text: string, index: number, end: number): Use {
  const before = text.slice(Math.max(0, index - 80), index)
  const after = text.slice(end, end + 40)
  if (/(?:\b(?:and|or)|,)\s+(?:the\s+)?$/i.test(before))
    return placedList.test(before) ? 'place' : 'unclear'
  if (otherEnd.test(before)) return 'other_end'
  const isEveryday = everyday.has(text.slice(index, end).toLowerCase())
  const isPlace =
    (placed.test(before) && !isEveryday) || belongings.test(after) || isNamedKind(before)
  return isPlace ? 'place' : 'unclear'
}

/** "service checkout", "container=checkout". */
function isNamedKind(before: string): boolean {
  return new RegExp(String.raw`\b${noun}\s*[:=]?\s*["']?$`, 'i').test(before)
}

function* placesOf(text: string, name: string): Generator<{ index: number; end: number }> {
  const lower = text.toLowerCase()
  const wanted = name.toLowerCase()
  for (let at = lower.indexOf(wanted); at !== -1; at = lower.indexOf(wanted, at + 1)) {
    const end = at + wanted.length
    const isWhole =
      !/[\w@/\\-]/.test(lower[at - 1] ?? ' ') && !/^(?:[\w@/\\-]|[.:]\w)/.test(lower.slice(end))
    if (isWhole && !/[.:]$/.test(lower.slice(Math.max(0, at - 1), at))) yield { index: at, end }
  }
}

/** Names that the question says otherwise: "the orders database", "payment service", "in chekout". */
function inOtherWords(text: string, services: readonly string[]): ServiceMention[] {
  const mentions: ServiceMention[] = []
  const described = new RegExp(
    String.raw`\b([\p{L}\p{N}]+(?:[\s-][\p{L}\p{N}]+)?)[\s-]+(${noun})\b`,
    'giu',
  )
  for (const match of text.matchAll(described)) {
    const [, said = '', kind = ''] = match
    // "in the orders database": the last words before the noun that fit a name, the longest first.
    const tails = [said, said.split(/[\s-]/).at(-1) ?? '']
    for (const tail of new Set(tails)) {
      const found = onlyOne(services, (name) => isSame(name, tail, kind))
      const index = match.index + said.length - tail.length
      const end = match.index + match[0].length
      if (found === null) continue
      if (useOf(text, index, end) !== 'other_end')
        mentions.push({ service: found, index, end, isOnlyFilter: true })
      break
    }
  }
  for (const match of text.matchAll(/[\p{L}\p{N}][\p{L}\p{N}_.-]{4,}/gu)) {
    const word = match[0].replace(/[.-]+$/, '').toLowerCase()
    const end = match.index + word.length
    if (services.some((name) => name.toLowerCase() === word) || looksRight.has(word)) continue
    const found = onlyOne(services, (name) => isTypo(name.toLowerCase(), word))
    if (found === null) continue
    const isOnlyFilter = isCompound(found)
    const use = useOf(text, match.index, end)
    if (use === 'place' || (isOnlyFilter && use === 'unclear'))
      mentions.push({ service: found, index: match.index, end, isOnlyFilter })
  }
  return mentions
}

function onlyOne(services: readonly string[], fits: (name: string) => boolean): string | null {
  const fitting = services.filter(fits)
  return fitting.length === 1 ? (fitting[0] ?? null) : null
}

const databases = new Set([
  'db',
  'database',
  'postgres',
  'postgresql',
  'mysql',
  'mongo',
  'mongodb',
  'sql',
])
const fillers = new Set(['service', 'svc', 'app', 'application', 'server', 'daemon', 'api'])

/** "payment" + "service" and payments; "orders" + "database" and orders-db. */
function isSame(name: string, said: string, kind: string): boolean {
  const parts = (text: string) =>
    text
      .toLowerCase()
      .split(/[^\p{L}\p{N}]+/u)
      .filter((part) => part !== '')
      .map((part) => (databases.has(part) ? 'db' : part.length > 3 ? part.replace(/s$/, '') : part))
  const isDatabase = /^(?:database|db)/i.test(kind)
  const nameParts = parts(name)
  const wanted = parts(said)
  if (isDatabase)
    return (
      nameParts.includes('db') &&
      sameParts(
        nameParts.filter((part) => part !== 'db'),
        wanted,
      )
    )
  const bare = nameParts.filter((part) => !fillers.has(part))
  return sameParts(nameParts, wanted) || (bare.length > 0 && sameParts(bare, wanted))
}

function sameParts(a: readonly string[], b: readonly string[]): boolean {
  return a.length > 0 && a.length === b.length && a.every((part, index) => part === b[index])
}

/** Words that are one letter from a usual service name and no typo of it. */
const looksRight: ReadonlySet<string> = new Set(
  'shopping skipping stripping chipping shipment payment order orders check search searches worker workers'.split(
    ' ',
  ),
)

/** One letter more, less, other or swapped with its neighbour, in a name of at least six; a plural is no typo. */
function isTypo(name: string, word: string): boolean {
  if (name.length < 6 || Math.abs(name.length - word.length) > 1) return false
  if (name[0] !== word[0] || `${name}s` === word || `${word}s` === name) return false
  let start = 0
  while (start < name.length && name[start] === word[start]) start++
  const same = (a: number, b: number) => name.slice(start + a) === word.slice(start + b)
  const isSwap = name[start] === word[start + 1] && name[start + 1] === word[start] && same(2, 2)
  return same(1, 1) || same(1, 0) || same(0, 1) || isSwap
}
