import { generateNight } from '../shop-night/generate.ts'
import { generateIncident } from './generate.ts'

/** One line of the logs that the questions are asked about. */
export interface EvalLine {
  /** The file's name under `logs`. */
  file: string
  /** The line as the file holds it. */
  line: string
  service: string
  /** Container and host (or pod): what names a line beside its service and text. */
  origin: string
  /** Milliseconds since the epoch. */
  at: number
  /** What the program wrote, without the envelope of what collected it. */
  text: string
}

/** The questions name times and numbers of this incident and this night; another end or seed has other answers. */
const incidentEnd = new Date('2026-03-04T15:00:00.000Z')
const nightEnd = new Date('2026-03-04T04:00:00.000Z')

/** The lines of the incident and of the night before it, in time order: about 24,500. */
export function evalLines(): EvalLine[] {
  const night = generateNight({ end: nightEnd }).map((line) => ({ ...line, origin: line.host }))
  const incident = [...generateIncident({ end: incidentEnd })].map(({ record }) => ({
    file: 'incident.ndjson',
    line: JSON.stringify(record),
    service: record.kubernetes.labels.app ?? '',
    origin: `${record.kubernetes.container_name} ${record.kubernetes.pod_name}`,
    at: Date.parse(record.time),
    text: record.log.trimEnd(),
  }))
  return [...night, ...incident]
}
