import { createRandom, type Random } from '../incident/random.ts'
import { applicationFailures } from './application-failures.ts'
import { makeHabits } from './habits.ts'
import { hostFailures } from './host-failures.ts'

/** One line of the night, in the shape in which its file holds it. */
export interface NightLine {
  file: string
  /** Who wrote it: the service, or the program of a syslog line. */
  service: string
  host: string
  /** Milliseconds since the epoch. */
  at: number
  /** What the program wrote, without the envelope. */
  text: string
  /** The line of the file. */
  line: string
}

export interface NightOptions {
  /** The night covers the 10 hours before this. */
  end: Date
  /** Default 1. The same seed and end give the same bytes. */
  seed?: number
}

/** Where a program's lines go: collected as JSON, or as its own file has them. */
export type Shipper = 'json' | 'cri' | 'syslog'

export interface Night {
  random: Random
  /** Milliseconds since the epoch, at `hours` and `seconds` after the night's start. */
  at(hours: number, seconds?: number): number
  say(service: string, at: number, text: string, shipper?: Shipper, host?: string): void
}

const hours = 10
const spread: Readonly<Record<Shipper, string>> = {
  json: 'shop-night.ndjson',
  cri: 'shop-night-notifier.log',
  syslog: 'shop-night-syslog.log',
}

const iso = (at: number) => new Date(at).toISOString()

function wrap(shipper: Shipper, service: string, host: string, at: number, text: string): string {
  if (shipper === 'cri') return `${iso(at).replace('Z', '000000Z')} stderr F ${text}`
  if (shipper === 'syslog') return `${iso(at).replace('Z', '000+00:00')} ${host} ${text}`
  return JSON.stringify({ timestamp: iso(at), service, host, message: text })
}

/** The night in time order: ten hours, a few thousand lines, some fifteen failures that have nothing in common. */
export function generateNight({ end, seed = 1 }: NightOptions): NightLine[] {
  const random = createRandom(seed)
  const lines: NightLine[] = []
  const startAt = end.getTime() - hours * 3_600_000
  const night: Night = {
    random,
    at: (hour, seconds = 0) => startAt + Math.round(hour * 3_600_000 + seconds * 1000),
    say: (service, at, text, shipper = 'json', host = `${service}-${random.int(1, 2)}`) => {
      if (at < startAt || at >= end.getTime()) return
      const line = wrap(shipper, service, host, at, text)
      lines.push({ file: spread[shipper], service, host, at, text, line })
    },
  }
  makeHabits(night, hours)
  applicationFailures(night)
  hostFailures(night)
  return lines.sort((a, b) => a.at - b.at)
}
