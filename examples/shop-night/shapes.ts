const iso = (at: number) => new Date(at).toISOString()

/** `2026-03-03 21:04:11,123 ERROR [pool-3] c.s.billing.Invoices - ...` */
export const java = (at: number, level: string, source: string, text: string) =>
  `${iso(at).slice(0, 23).replace('T', ' ').replace('.', ',')} ${level.padEnd(5)} ${source} - ${text}`

/** `2026-03-03 21:04:11.123 UTC [412] ledger@ledger ERROR:  ...` */
export const postgres = (at: number, pid: number, level: string, text: string) =>
  `${iso(at).slice(0, 23).replace('T', ' ')} UTC [${pid}] ledger@ledger ${level}:  ${text}`

/** `2026/03/03 21:04:11 [error] 29#29: ...` */
export const nginx = (at: number, level: string, text: string) =>
  `${iso(at).slice(0, 19).replace('T', ' ').replaceAll('-', '/')} [${level}] 29#29: ${text}`

/** `2026-03-03 21:04:11,123 [WARNING] recommender.cache: ...` */
export const python = (at: number, level: string, source: string, text: string) =>
  `${iso(at).slice(0, 23).replace('T', ' ').replace('.', ',')} [${level}] ${source}: ${text}`

/** `time=2026-03-03T21:04:11.123Z level=warn msg="..." topic=stock` */
export const logfmt = (at: number, level: string, text: string, pairs = '') =>
  `time=${iso(at)} level=${level} msg=${JSON.stringify(text)}${pairs === '' ? '' : ` ${pairs}`}`

/** `2026/03/03 21:04:11 ...`, as Go's own logger writes. */
export const go = (at: number, text: string) =>
  `${iso(at).slice(0, 19).replace('T', ' ').replaceAll('-', '/')} ${text}`
