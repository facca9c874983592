/** OpenTelemetry's severity numbers: six names of four steps each, 1..24; 0 is unknown. */
export const severityNames = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'] as const

export type SeverityName = (typeof severityNames)[number]

/**
 * Words of the usual loggers, lower case. Where two meanings meet, OpenTelemetry's own mapping
 * decides: syslog's notice, crit and alert are finer steps of INFO and ERROR.
 */
const numbersByWord: ReadonlyMap<string, number> = new Map([
  ['trace', 1],
  ['trc', 1],
  ['trce', 1],
  ['finest', 1],
  ['silly', 1],
  ['verbose', 3],
  ['finer', 3],
  ['debug', 5],
  ['dbg', 5],
  ['dbug', 5],
  ['debug1', 5],
  ['debug2', 5],
  ['debug3', 5],
  ['debug4', 5],
  ['debug5', 5],
  ['fine', 5],
  ['config', 8],
  ['info', 9],
  ['inf', 9],
  ['information', 9],
  ['informational', 9],
  ['log', 9],
  ['success', 9],
  ['notice', 10],
  ['warn', 13],
  ['wrn', 13],
  ['warning', 13],
  ['error', 17],
  ['fail', 17],
  ['erro', 17],
  ['err', 17],
  ['eror', 17],
  ['severe', 17],
  ['crit', 18],
  ['dpanic', 18],
  ['alert', 19],
  ['critical', 21],
  ['fatal', 21],
  ['ftl', 21],
  ['panic', 21],
  ['emerg', 21],
  ['emergency', 21],
])

/** Syslog's 0 (emergency) .. 7 (debug). */
const numbersBySyslog = [21, 19, 18, 17, 13, 10, 9, 5] as const

const numbersByLetter: Readonly<Record<string, number>> = {
  V: 3,
  T: 1,
  D: 5,
  I: 9,
  N: 10,
  W: 13,
  E: 17,
  C: 21,
  F: 21,
}

const longestWord = 13

/** The number of a level word in any case (`WARN`, `Warning`, `err`), 0 when it is none. */
export function severityOfWord(word: string): number {
  if (word.length < 3 || word.length > longestWord) return 0
  return numbersByWord.get(word) ?? numbersByWord.get(word.toLowerCase()) ?? 0
}

/** The number of a one-letter level as in klog, logcat and MongoDB (`E`), 0 when it is none. */
export function severityOfLetter(letter: string): number {
  return numbersByLetter[letter] ?? 0
}

/**
 * The number of syslog's severity 0..7 (a PRI modulo 8, journald's PRIORITY), 0 when out of range.
 */
export function severityOfSyslog(severity: number): number {
  return numbersBySyslog[severity] ?? 0
}

/** The name of a number 1..24, null when it is unknown. */
export function severityName(severity: number): SeverityName | null {
  if (!(severity >= 1 && severity < 25)) return null
  return severityNames[Math.floor((severity - 1) / 4)] ?? null
}

/** The numbers that a name covers, both ends included. */
export function severityRange(name: SeverityName): { min: number; max: number } {
  const min = severityNames.indexOf(name) * 4 + 1
  return { min, max: min + 3 }
}
