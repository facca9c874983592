/** Hours east of UTC of the zone names that logs write; other names are read as UTC. */
const hoursByZone: ReadonlyMap<string, number> = new Map([
  ['UTC', 0],
  ['GMT', 0],
  ['WET', 0],
  ['BST', 1],
  ['CET', 1],
  ['WEST', 1],
  ['CEST', 2],
  ['EET', 2],
  ['EEST', 3],
  ['MSK', 3],
  ['IST', 5.5],
  ['JST', 9],
  ['KST', 9],
  ['AEST', 10],
  ['AEDT', 11],
  ['EDT', -4],
  ['EST', -5],
  ['CDT', -5],
  ['CST', -6],
  ['MDT', -6],
  ['MST', -7],
  ['PDT', -7],
  ['PST', -8],
])

const months = 'JanFebMarAprMayJunJulAugSepOctNovDec'
const weekdays = 'SunMonTueWedThuFriSat'
const hourMs = 3_600_000
const minuteMs = 60_000

/** The number that exactly `width` digits at `start` spell, -1 when they are not digits. */
export function readDigits(text: string, start: number, width: number): number {
  let value = 0
  for (let at = start; at < start + width; at += 1) {
    const digit = text.charCodeAt(at) - 48
    if (!(digit >= 0 && digit <= 9)) return -1
    value = value * 10 + digit
  }
  return value
}

/** 1..12 for an English month's three letters at `start`, 0 when there are none. */
export function readMonth(text: string, start: number): number {
  return readName(months, text, start)
}

/** Where the date goes on after `Sun `, `Sun, ` or nothing. */
export function skipWeekday(text: string, start: number): number {
  if (readName(weekdays, text, start) === 0) return start
  const at = text[start + 3] === ',' ? start + 4 : start + 3
  return text[at] === ' ' ? at + 1 : start
}

function readName(names: string, text: string, start: number): number {
  const first = text[start]
  if (first === undefined) return 0
  for (let at = 0; at < names.length; at += 3) {
    if (
      names[at] === first &&
      names[at + 1] === text[start + 1] &&
      names[at + 2] === text[start + 2]
    ) {
      return at / 3 + 1
    }
  }
  return 0
}

/** `15:04:05.123`, `15:04:05,123 PM`, `15.42.50.675872`: milliseconds of the day. */
export function readClock(text: string, start: number): { ms: number; end: number } | null {
  const width = text.charCodeAt(start + 1) === 58 ? 1 : 2
  const hour = readDigits(text, start, width)
  const separator = text[start + width]
  if (hour < 0 || hour > 23 || (separator !== ':' && separator !== '.')) return null
  const minute = readDigits(text, start + width + 1, 2)
  if (minute < 0 || minute > 59 || text[start + width + 3] !== separator) return null
  const second = readDigits(text, start + width + 4, 2)
  if (second < 0 || second > 60) return null
  let end = start + width + 6
  let fraction = 0
  const joint = text[end]
  if (joint === '.' || joint === ',' || joint === ':') {
    let at = end + 1
    let weight = 100
    while (at < end + 11) {
      const digit = text.charCodeAt(at) - 48
      if (!(digit >= 0 && digit <= 9)) break
      fraction += digit * weight
      weight /= 10
      at += 1
    }
    if (at > end + 1) end = at
  }
  let ms = hour * hourMs + minute * minuteMs + second * 1_000 + Math.floor(fraction + 1e-6)
  const half = text[end] === ' ' && text[end + 2] === 'M' ? text[end + 1] : undefined
  if (half === 'A' || half === 'P') {
    if (half === 'P' && hour < 12) ms += 12 * hourMs
    if (half === 'A' && hour === 12) ms -= 12 * hourMs
    end += 3
  }
  return { ms, end }
}

/** `Z`, `+02:00`, ` -0700`, ` UTC`: the offset in milliseconds east; nothing there reads as UTC. */
export function readZone(
  text: string,
  start: number,
): { offsetMs: number; end: number; zoned: boolean } {
  const first = text[start]
  if (first === 'Z' || first === 'z') return { offsetMs: 0, end: start + 1, zoned: true }
  const at = first === ' ' ? start + 1 : start
  const sign = text[at]
  if (sign === '+' || sign === '-') {
    const hours = readDigits(text, at + 1, 2)
    const colon = text[at + 3] === ':' ? 1 : 0
    const minutes = readDigits(text, at + 3 + colon, 2)
    if (hours >= 0 && hours <= 14 && minutes >= 0 && minutes < 60) {
      const offset = hours * hourMs + minutes * minuteMs
      return { offsetMs: sign === '-' ? -offset : offset, end: at + 5 + colon, zoned: true }
    }
    if (at === start && hours >= 0 && hours <= 14 && !(text.charCodeAt(at + 3) > 47)) {
      return {
        offsetMs: (sign === '-' ? -hours : hours) * hourMs,
        end: at + 3,
        zoned: true,
      }
    }
  } else if (at > start) {
    let end = at
    while (end - at < 5 && isUpper(text.charCodeAt(end))) end += 1
    const hours = end - at < 3 || end - at > 4 ? undefined : hoursByZone.get(text.slice(at, end))
    // `GMT+0100`: a JavaScript Date as text.
    if (hours === 0 && /^[+-]\d{4}/.test(text.slice(end, end + 5))) return readZone(text, end)
    if (hours !== undefined && !isNameCharacter(text.charCodeAt(end))) {
      return { offsetMs: hours * hourMs, end, zoned: true }
    }
  }
  return { offsetMs: 0, end: start, zoned: false }
}

function isUpper(code: number): boolean {
  return code >= 65 && code <= 90
}

/** A letter, a digit, or what joins them into a longer name. */
function isNameCharacter(code: number): boolean {
  return isUpper(code) || (code >= 97 && code <= 122) || (code >= 48 && code <= 57) || code === 95
}
