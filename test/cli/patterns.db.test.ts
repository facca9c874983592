import { describe, expect, it } from 'vitest'
import { testDatabase } from '../support/database.ts'
import { sharedEnvironment } from '../support/environment.ts'
import { commandRunner } from './run-command.ts'

const db = await testDatabase()
const millrace = commandRunner(sharedEnvironment(db))
const start = Date.parse('2026-11-23T10:00:00Z')
const window = ['--from', '2026-11-23T11:00:00Z', '--to', '2026-11-23T11:15:00Z']

/** An hour of two services, and a quarter of an hour in which one pattern rises, one stops and one is new. */
function makeLines(): string[] {
  const lines: string[] = []
  const add = (minute: number, second: number, level: string, service: string, msg: string) =>
    lines.push(
      JSON.stringify({
        time: new Date(start + minute * 60_000 + second * 1_000).toISOString(),
        level,
        service,
        msg,
      }),
    )
  for (let minute = 0; minute < 75; minute++) {
    for (let index = 0; index < (minute < 60 ? 2 : 12); index++)
      add(minute, index * 3, 'warn', 'payments', `retrying card payment after ${index} ms`)
    if (minute < 62) add(minute, 40, 'info', 'scheduler', 'heartbeat sent to the leader')
    if (minute >= 63) add(minute, 50, 'error', 'payments', 'no space left on device')
  }
  return lines
}

// Each command is a process of its own: a busy machine takes seconds for one.
describe('millrace patterns', { timeout: 180_000 }, () => {
  it('indexes what is left, and says how many there are of which it shows some', async () => {
    const put = await millrace(['put', '--stream', 'shop'], { input: makeLines().join('\n') })
    expect(put.code).toBe(0)
    const first = await millrace(['patterns', '--time-zone', 'Europe/Berlin', '-n', '2'])
    expect([first.code, first.err]).toEqual([0, expect.stringMatching(/indexed 374 lines/)])
    const [title, ...rows] = first.out.trimEnd().split('\n')
    expect(title).toMatch(
      /^ *id +count +share +first +last +severity +service +per 5 min +template$/,
    )
    expect(rows[0]).toMatch(
      /300 +80\.2 % .*11:00:00 .*12:14:33 +WARN +payments +▂▂▂▂▂▂▂▂▂▂▂▂███ +retrying card payment/,
    )
    expect(rows).toHaveLength(3)
    expect(rows.at(-1)).toMatch(/^2 of 3 patterns, 374 events, .*11:00:00 to 12:14:50 CET$/)
  })

  it('prints JSON with the same numbers, times in ISO and all it was confined to', async () => {
    const { code, out } = await millrace([
      'patterns',
      'list',
      ...window,
      '--service',
      'payments',
      '--severity',
      'warning',
      '--json',
    ])
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({
      window: { from: '2026-11-23T11:00:00.000Z', to: '2026-11-23T11:15:00.000Z' },
      filters: { services: ['payments'], severity: 'WARN', streams: [] },
      known: { first: '2026-11-23T10:00:00.000Z', last: '2026-11-23T11:14:50.000Z' },
      unindexed: 0,
      shown: 2,
      total: { patterns: 2, events: 192 },
      buckets: { from: '2026-11-23T11:00:00.000Z', seconds: 60 },
      patterns: [
        {
          id: expect.any(Number),
          service: 'payments',
          severity: 'WARN',
          count: 180,
          share: 180 / 192,
          before: 30,
          first: '2026-11-23T11:00:00.000Z',
          last: '2026-11-23T11:14:33.000Z',
          counts: new Array(15).fill(12),
        },
        { severity: 'ERROR', template: 'no space left on device', count: 12, before: 0 },
      ],
    })
  })

  it('finds what is new, what has vanished and what spikes', async () => {
    const found = async (command: string) => {
      const { code, out } = await millrace(['patterns', command, ...window, '--json'])
      expect([command, code]).toEqual([command, 0])
      return JSON.parse(out)
    }
    expect(await found('new')).toMatchObject({
      total: { patterns: 1 },
      patterns: [{ template: 'no space left on device', count: 12 }],
    })
    expect(await found('vanished')).toMatchObject({
      baseline: { from: '2026-11-23T10:00:00.000Z', to: '2026-11-23T11:00:00.000Z' },
      patterns: [
        {
          template: 'heartbeat sent to the leader',
          last: '2026-11-23T11:01:40.000Z',
          longestGapSeconds: 60,
          missedSince: '2026-11-23T11:03:40.000Z',
          silentSeconds: 800,
        },
      ],
    })
    expect(await found('spiking')).toMatchObject({
      total: { patterns: 1 },
      patterns: [{ severity: 'WARN', baselineRate: 2, windowRate: 12, ratio: 6, peakCount: 12 }],
    })
    expect(await found('dropping')).toMatchObject({
      total: { patterns: 1 },
      patterns: [{ template: 'heartbeat sent to the leader', baselineRate: 1, count: 2 }],
    })
  })

  it('shows a pattern with its latest lines, each under the citation that `tail` takes', async () => {
    const { out } = await millrace(['patterns', 'new', ...window, '--json'])
    const [{ id }] = JSON.parse(out).patterns
    const shown = await millrace(['patterns', 'show', String(id), '--lines', '2', '--json'])
    const pattern = JSON.parse(shown.out)
    expect(pattern).toMatchObject({
      id,
      service: 'payments',
      template: 'no space left on device',
      count: 12,
      bucketSeconds: 60,
      latest: [{ at: '2026-11-23T11:14:50.000Z' }, { at: '2026-11-23T11:13:50.000Z' }],
    })
    expect(pattern.buckets[0]).toEqual({ from: '2026-11-23T11:03:00.000Z', count: 1 })
    const text = await millrace([
      'patterns',
      'show',
      String(id),
      '--lines',
      '1',
      '--time-zone',
      'UTC',
    ])
    const { citation } = pattern.latest[0]
    expect(text.out).toContain(`pattern ${id}: ERROR payments`)
    expect(text.out).toContain('2026-11-23 11:03:50 to 11:14:50 UTC')
    expect(text.out).toContain(`${citation}  2026-11-23 11:14:50`)
    const cited = await millrace(['tail', '--at', citation, '--around', '0'])
    expect(cited.out).toContain('no space left on device')
  })

  it('says where the events lie when the window has none', async () => {
    const { code, out } = await millrace(['patterns', 'new', '--now', '2026-12-24T00:00:00Z'])
    expect([code, out]).toEqual([
      0,
      expect.stringMatching(/^no new patterns.*\nthe window has no event at all.*--from and --to/),
    ])
  })

  it('refuses a wrong request with one line and exit code 2', async () => {
    for (const [args, message] of [
      [['--service', 'billing'], /service "billing"; there are: payments, scheduler/],
      [['--stream', 'nowhere'], /"nowhere" does not exist; there are: shop/],
      [['--since', '1h', '--from', '2026-11-23'], /--since or --from, got both/],
      [['--from', '2026-11-24', '--to', '2026-11-23'], /begins before it ends/],
      [['--severity', 'loud'], /trace, debug, info, warn, error or fatal/],
      [['--sort', 'change'], /--since or --from/],
      [['nwe'], /too many arguments|unknown command/],
      [['show', '99999999999'], /no pattern/],
    ] as const) {
      const { code, err } = await millrace(['patterns', ...args])
      expect([args, code]).toEqual([args, 2])
      expect(err).toMatch(message)
      expect(err).not.toMatch(/\n\s+at /)
    }
  })
})
