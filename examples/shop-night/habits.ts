import type { Night, Shipper } from './generate.ts'
import { go, java, logfmt, nginx, postgres, python } from './shapes.ts'

interface Habit {
  service: string
  everySeconds: number
  say: (night: Night, at: number) => string
  shipper?: Shipper
  host?: string
}

const address = ({ random }: Night) => `198.51.100.${random.int(1, 254)}`

const habits: readonly Habit[] = [
  {
    service: 'billing',
    everySeconds: 60,
    say: ({ random }, at) =>
      java(
        at,
        'INFO',
        `[pool-${random.int(1, 4)}] c.s.billing.Invoices`,
        `Invoice INV-${random.int(70_000, 79_999)} issued, total ${random.int(9, 300)}.50 EUR`,
      ),
  },
  {
    service: 'ledger-db',
    everySeconds: 150,
    say: ({ random }, at) =>
      postgres(
        at,
        random.int(200, 900),
        'LOG',
        `duration: ${random.int(120, 900)}.4 ms  execute fetch_entries: select * from entry where account = $1`,
      ),
  },
  {
    service: 'edge',
    everySeconds: 25,
    say: (night, at) =>
      `${address(night)} - - [${new Date(at).toISOString()}] "GET /${night.random.pick(['', 'sale', 'blog', 'help'])} HTTP/2.0" 200 ${night.random.int(900, 40_000)}`,
  },
  {
    service: 'edge',
    everySeconds: 900,
    say: (night, at) =>
      nginx(
        at,
        'warn',
        `an upstream response is buffered to a temporary file, client: ${address(night)}`,
      ),
  },
  {
    service: 'recommender',
    everySeconds: 90,
    say: ({ random }, at) =>
      python(
        at,
        'INFO',
        'recommender.api',
        `served ${random.int(3, 12)} suggestions in ${random.int(8, 60)} ms`,
      ),
  },
  {
    service: 'ticketing',
    everySeconds: 120,
    say: ({ random }, at) =>
      go(at, `ticket T-${random.int(1000, 9999)} assigned to team ${random.int(1, 5)}`),
  },
  {
    service: 'stock-feed',
    everySeconds: 75,
    say: ({ random }, at) =>
      logfmt(
        at,
        'info',
        'batch consumed',
        `topic=stock partition=${random.int(0, 5)} messages=${random.int(20, 400)}`,
      ),
  },
  {
    service: 'notifier',
    everySeconds: 110,
    shipper: 'cri',
    say: ({ random }) =>
      `notifier info push delivered device=d-${random.hex(6)} tookMs=${random.int(20, 400)}`,
  },
  {
    service: 'sshd',
    everySeconds: 700,
    shipper: 'syslog',
    host: 'bastion-1',
    say: (night) =>
      `sshd[${night.random.int(900, 9000)}]: Accepted publickey for ${night.random.pick(['greta', 'hugo', 'deploy'])} from ${address(night)} port ${night.random.int(30_000, 60_000)} ssh2`,
  },
  {
    service: 'CRON',
    everySeconds: 600,
    shipper: 'syslog',
    host: 'batch-1',
    say: ({ random }) =>
      `CRON[${random.int(900, 9000)}]: (root) CMD (/opt/shop/bin/rotate-exports)`,
  },
]

/** What is said on any night, at irregular intervals. */
export function makeHabits(night: Night, hours: number): void {
  const end = night.at(hours)
  for (const { service, everySeconds, say, shipper = 'json', host } of habits) {
    let at = night.at(0, night.random.next() * everySeconds)
    while (at < end) {
      const text = say(night, at)
      if (host === undefined) night.say(service, at, text, shipper)
      else night.say(service, at, text, shipper, host)
      at += Math.round(everySeconds * 1000 * (0.5 + night.random.next()))
    }
  }
}
