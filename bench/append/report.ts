import type { Figure, Report } from '../support/benchmark.ts'
import { median, percentile, spread } from '../support/stats.ts'
import type { Entrant } from './measure.ts'

type Row = ReturnType<typeof summarize>

function summarize({ contender, turns, failure }: Entrant) {
  const rates = turns.map(({ records, seconds }) => records / seconds)
  const records = turns.reduce((sum, turn) => sum + turn.records, 0)
  const perRecord = (pick: (turn: Entrant['turns'][number]) => number) =>
    turns.reduce((sum, turn) => sum + pick(turn), 0) / records
  const putMs = turns.flatMap((turn) => turn.putMs)
  return {
    ...contender,
    failure,
    rates,
    rate: median(rates),
    p50: percentile(putMs, 0.5),
    p99: percentile(putMs, 0.99),
    wal: perRecord((turn) => turn.walBytes),
    disk: perRecord((turn) => turn.diskBytes),
    // A process' own peak only grows: the last turn has it.
    clientMib: turns.at(-1)?.peakRssMib ?? Number.NaN,
    serverMib: turns.length === 0 ? Number.NaN : Math.max(...turns.map((turn) => turn.serverMib)),
  }
}

/** How often one contender's rate is another's: the median of the rounds' own ratios. */
function ratio(of: Row | undefined, to: Row | undefined): number {
  return median((of?.rates ?? []).map((rate, round) => rate / (to?.rates[round] ?? Number.NaN)))
}

/** The tables and figures of what the entrants measured. */
export function reportOf(entrants: readonly Entrant[]): Pick<Report, 'tables' | 'figures'> {
  const rows = entrants.map(summarize)
  const order = ['millrace', 'limit', 'peer']
  rows.sort(
    (a, b) =>
      order.indexOf(a.role) - order.indexOf(b.role) ||
      (Number.isNaN(b.rate) ? -1 : b.rate) - (Number.isNaN(a.rate) ? -1 : a.rate),
  )
  const millrace = rows.find(({ role }) => role === 'millrace')
  const copy = rows.find(({ name }) => name === 'COPY of rows')
  // The rows are sorted: the first is the fastest.
  const fastest = rows.find(
    ({ role, durability, rates }) =>
      role === 'peer' && durability === 'fsync before ack' && rates.length > 0,
  )
  const table = {
    title: `puts of 500 records, 4 in flight`,
    columns: [
      'contender',
      'durability',
      'records/s',
      'lowest-highest',
      'of COPY',
      'p50 ms',
      'p99 ms',
      'WAL B/rec',
      'disk B/rec',
      'client MiB',
      'server MiB',
    ],
    rows: rows.map((row) => [
      row.role === 'limit' ? `limit: ${row.name}` : row.name,
      row.rates.length === 0 ? 'not measured, see below' : row.durability,
      Math.round(row.rate),
      spread(row.rates),
      ratio(row, copy),
      row.p50,
      row.p99,
      row.wal,
      row.disk,
      row.clientMib,
      row.serverMib,
    ]),
  }
  const candidates: Record<string, Figure> = {
    'millrace records/s': figure(millrace?.rate, 'records/s', 'more'),
    'ratio to COPY of rows': figure(ratio(millrace, copy), 'x', 'more'),
    'WAL share of rows': figure((millrace?.wal ?? Number.NaN) / (copy?.wal ?? 0), 'x', 'less'),
    'disk share of rows': figure((millrace?.disk ?? Number.NaN) / (copy?.disk ?? 0), 'x', 'less'),
    'ratio to the fastest fsync peer': figure(ratio(millrace, fastest), 'x', 'more'),
    'put p99 ms': figure(millrace?.p99, 'ms', 'less'),
  }
  const figures = Object.fromEntries(
    Object.entries(candidates).filter(([, { value }]) => Number.isFinite(value)),
  )
  const shown = {
    title: 'for the trend',
    columns: ['figure', 'value', 'unit'],
    rows: Object.entries(figures).map(([name, { value, unit }]) => [name, value, unit]),
  }
  return { tables: [table, shown], figures }
}

function figure(value: number | undefined, unit: string, better: Figure['better']): Figure {
  return { value: value ?? Number.NaN, unit, better }
}
