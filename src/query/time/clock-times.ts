import type { Clock, Moment } from './moment.ts'
import { blank } from './protect.ts'

const zoneSource = String.raw`z|utc|gmt|[+-]\d{2}:?\d{2}|CES?T|E[SD]T|C[SD]T|M[SD]T|P[SD]T|BST`

/** Minutes east of UTC of the abbreviations that people write behind a time. */
const zoneMinutes: ReadonlyMap<string, number> = new Map([
  ['Z', 0],
  ['UTC', 0],
  ['GMT', 0],
  ['BST', 60],
  ['CET', 60],
  ['CEST', 120],
  ['EST', -300],
  ['EDT', -240],
  ['CST', -360],
  ['CDT', -300],
  ['MST', -420],
  ['MDT', -360],
  ['PST', -480],
  ['PDT', -420],
])

const clockTimes = new RegExp(
  String.raw`(?<=^|[\s([~@,;–-]|\.\.)` +
    String.raw`(?:(?<hour>\d{1,2}):(?<minute>\d{2})(?::(?<second>\d{2})(?:[.,](?<fraction>\d{1,9}))?)?|(?<bare>\d{1,2})(?=\s?[ap]\.?m\b))` +
    String.raw`(?:\s?(?<half>[ap])\.?m\b\.?)?(?:\s?(?<zone>${zoneSource})(?!\w))?(?![\w:]|\.\d)`,
  'gi',
)

/** The 3 of "between 3 and 4pm". */
const bareStarts =
  /(?<=\b(?:between|from)\s+)(\d{1,2})(?=\s*(?:and|to|till|until|-|–)\s*(\d{1,2})(?::\d{2})?\s?([ap])\.?m\b)/gi

/** The T of 2015-10-18T18:01, whose date is blanked already. */
const stampJoint = new RegExp(String.raw`(?<=${blank})T(?=\d{2}:\d{2})`, 'gi')

/** Clock times: 14:32, 14:32:10.123, 3pm, 3:15 p.m., noon, midnight; with UTC, an offset or a usual abbreviation. */
export function findClockTimes(text: string): Moment[] {
  const spaced = text.replace(stampJoint, ' ')
  const found: Moment[] = []
  const pattern = new RegExp(clockTimes)
  for (let match = pattern.exec(spaced); match !== null; match = pattern.exec(spaced)) {
    const groups: Record<string, string | undefined> = { ...match.groups }
    let end = match.index + match[0].length
    if (
      groups.zone?.startsWith('-') &&
      groups.second === undefined &&
      !/t/i.test(text[match.index - 1] ?? '')
    ) {
      // "14:00-15:30" is a range: only a stamp, or seconds, make "-05:00" an offset.
      end -= groups.zone.length
      groups.zone = undefined
    }
    const clock = clockOf(groups)
    if (clock !== null) found.push({ index: match.index, end, kind: 'clock', clock })
    pattern.lastIndex = end
  }
  for (const { 0: said, 1: bare, 2: until, 3: half, index } of spaced.matchAll(bareStarts)) {
    // "from 11 to 1pm" begins in the morning.
    const isOther = Number(bare) % 12 > Number(until) % 12
    const starts = isOther && half?.toLowerCase() === 'p' ? 'a' : half
    const clock = clockOf({ bare, half: starts })
    if (clock !== null) found.push({ index, end: index + said.length, kind: 'clock', clock })
  }
  for (const match of spaced.matchAll(/\b(?:(?:12\s+)?noon|midday|midnight)\b/gi)) {
    const isMidnight = match[0].toLowerCase() === 'midnight'
    const clock: Clock = { ...zeroClock, hour: isMidnight ? 0 : 12, isMidnight }
    found.push({ index: match.index, end: match.index + match[0].length, kind: 'clock', clock })
  }
  return found
}

const zeroClock: Clock = {
  hour: 0,
  minute: 0,
  second: 0,
  millisecond: 0,
  unit: 'minute',
  offset: null,
}

function clockOf(groups: Record<string, string | undefined>): Clock | null {
  const { hour, minute, second, fraction, bare, half, zone } = groups
  const stated = Number(hour ?? bare)
  const night = half?.toLowerCase()
  if (night !== undefined && (stated < 1 || stated > 12)) return null
  const clock: Clock = {
    hour: night === undefined ? stated : (stated % 12) + (night === 'p' ? 12 : 0),
    minute: Number(minute ?? 0),
    second: Number(second ?? 0),
    millisecond: Number((fraction ?? '').slice(0, 3).padEnd(3, '0')),
    unit: second === undefined ? 'minute' : 'second',
    offset: zone === undefined ? null : offsetOf(zone),
  }
  const isDayEnd = clock.hour === 24 && clock.minute === 0 && clock.second === 0
  return (clock.hour < 24 || isDayEnd) && clock.minute < 60 && clock.second < 61 ? clock : null
}

function offsetOf(zone: string): number {
  const named = zoneMinutes.get(zone.toUpperCase())
  if (named !== undefined) return named
  const [, sign, hours, minutes] = /^([+-])(\d{2}):?(\d{2})$/.exec(zone) ?? []
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes))
}
