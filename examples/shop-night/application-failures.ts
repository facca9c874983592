import type { Night } from './generate.ts'
import { go, java, logfmt, nginx, postgres, python } from './shapes.ts'

/** What goes wrong in the services, each at its own hour after 18:00. */
export function applicationFailures(night: Night): void {
  exhaustPool(night)
  rejectTasks(night)
  lockRows(night)
  migrateBadly(night)
  breakHandshakes(night)
  limitRates(night)
  stampede(night)
  panic(night)
  lag(night)
  loseNames(night)
  misspell(night)
}

/** 19:10: billing finds no free connection, for six minutes. */
function exhaustPool({ random, at, say }: Night): void {
  for (let second = 0; second < 360; second += random.int(8, 20)) {
    const now = at(1, 600 + second)
    const source = `[pool-${random.int(1, 4)}] c.s.billing.Invoices`
    const text = `Invoice INV-${random.int(70_000, 79_999)} postponed`
    say('billing', now, java(now, 'ERROR', source, text), 'json', 'billing-1')
    for (const trace of [
      'java.sql.SQLTransientConnectionException: HikariPool-2 - Connection is not available, request timed out after 30000ms (total=10, active=10, idle=0, waiting=27)',
      '\tat com.zaxxer.hikari.pool.HikariPool.createTimeoutException(HikariPool.java:686)',
      '\tat com.shop.billing.Invoices.issue(Invoices.java:118)',
    ]) {
      say('billing', now, trace, 'json', 'billing-1')
    }
  }
  const full = at(1, 660)
  const refusal = 'remaining connection slots are reserved for roles with the SUPERUSER attribute'
  say('ledger-db', full, postgres(full, 731, 'FATAL', refusal))
}

/** 20:40: billing's PDF threads take no more work. */
function rejectTasks({ random, at, say }: Night): void {
  for (let count = 0; count < 9; count++) {
    const now = at(2, 2400 + count * 7)
    const text = `Rendering of INV-${random.int(70_000, 79_999)} refused`
    say('billing', now, java(now, 'WARN', '[pdf-dispatch] c.s.billing.PdfRenderer', text))
    say(
      'billing',
      now,
      'java.util.concurrent.RejectedExecutionException: Task PdfJob rejected from ThreadPoolExecutor[Running, pool size = 8, active threads = 8, queued tasks = 500]',
    )
  }
}

/** 21:15: two settlements wait for each other. */
function lockRows({ at, say }: Night): void {
  for (const second of [900, 941, 1003]) {
    const now = at(3, second)
    say('ledger-db', now, postgres(now, 512, 'ERROR', 'deadlock detected'))
    say(
      'ledger-db',
      now,
      postgres(
        now,
        512,
        'DETAIL',
        'Process 512 waits for ShareLock on transaction 88213; blocked by process 519.',
      ),
    )
  }
}

/** 22:00: a release of the ledger's schema that does not fit its code. */
function migrateBadly({ random, at, say }: Night): void {
  const now = at(4)
  const first = 'Migration V41__split_tax.sql applied in 812 ms'
  say('billing', now, java(now, 'INFO', '[main] o.f.core.Migrate', first))
  for (let second = 5; second < 200; second += random.int(6, 14)) {
    const later = at(4, second)
    say(
      'ledger-db',
      later,
      postgres(
        later,
        random.int(500, 600),
        'ERROR',
        'column "vat_rate" does not exist at character 31',
      ),
    )
  }
  const back = at(4, 210)
  const undone = 'Rolled back to schema version 40'
  say('billing', back, java(back, 'WARN', '[main] o.f.core.Migrate', undone))
}

/** 22:50 and 23:30: the partner's certificate is too old, then its peer speaks no common protocol. */
function breakHandshakes({ random, at, say }: Night): void {
  for (let count = 0; count < 12; count++) {
    const now = at(4, 3000 + count * 20)
    const text = `*${random.int(1000, 9999)} upstream SSL certificate verify error: (10:certificate has expired) while SSL handshaking to upstream, upstream: "https://192.0.2.44:443/rates"`
    say('edge', now, nginx(now, 'error', text))
  }
  for (let count = 0; count < 7; count++) {
    const now = at(5, 1800 + count * 11)
    const text = `*${random.int(1000, 9999)} SSL_do_handshake() failed (SSL: error:0A000102:SSL routines::unsupported protocol), client: 203.0.113.77`
    say('edge', now, nginx(now, 'crit', text))
  }
}

/** 23:50: one address asks too often. */
function limitRates({ random, at, say }: Night): void {
  for (let count = 0; count < 40; count++) {
    const now = at(5, 3001 + count * 3)
    const text = `*${random.int(1000, 9999)} limiting requests, excess: ${random.int(20, 60)}.400 by zone "perip", client: 203.0.113.9, request: "GET /api/prices HTTP/2.0"`
    say('edge', now, nginx(now, 'error', text))
  }
}

/** 00:20: a popular key expires and everybody computes it anew. */
function stampede({ random, at, say }: Night): void {
  for (let count = 0; count < 30; count++) {
    const now = at(6, 1200 + count * 2)
    const text = `cache miss for key home:top100, recomputing (${random.int(40, 90)} concurrent)`
    say('recommender', now, python(now, 'WARNING', 'recommender.cache', text))
  }
  const now = at(6, 1255)
  say('recommender', now, python(now, 'ERROR', 'recommender.api', 'request aborted'))
  for (const trace of [
    'Traceback (most recent call last):',
    '  File "/app/recommender/store.py", line 88, in fetch',
    'redis.exceptions.TimeoutError: Timeout reading from socket',
  ]) {
    say('recommender', now, trace)
  }
}

/** 00:45: ticketing dereferences nothing. */
function panic({ at, say }: Night): void {
  const now = at(6, 2700)
  for (const text of [
    'panic: runtime error: invalid memory address or nil pointer dereference',
    '[signal SIGSEGV: segmentation violation code=0x1 addr=0x18 pc=0x6f2a41]',
    'goroutine 412 [running]:',
    'main.(*Router).escalate(0x0, 0xc0004a2000)',
    '\t/src/ticketing/router.go:207 +0x41',
  ]) {
    say('ticketing', now, text, 'json', 'ticketing-2')
  }
  const later = at(6, 2709)
  const text = go(later, 'ticketing 0.14.2 listening on :8090')
  say('ticketing', later, text, 'json', 'ticketing-2')
}

/** 01:10 to 01:40: the stock feed falls behind. */
function lag({ random, at, say }: Night): void {
  for (let minute = 0; minute < 30; minute++) {
    const now = at(7, 607 + minute * 60)
    const pairs = `topic=stock group=warehouse lag=${4000 + minute * 3100 + random.int(0, 900)}`
    say('stock-feed', now, logfmt(now, 'warn', 'consumer lag is high', pairs))
  }
  const now = at(7, 640)
  const pairs = 'group=warehouse generation=58 reason="member stock-feed-2 left"'
  say('stock-feed', now, logfmt(now, 'warn', 'rebalance in progress', pairs))
  const broken = at(7, 2460)
  const bad = 'topic=stock partition=3 offset=9917734 err="unexpected end of JSON input"'
  say('stock-feed', broken, logfmt(broken, 'error', 'message skipped', bad))
}

/** 20:05: the name of the mail relay does not resolve. */
function loseNames({ random, at, say }: Night): void {
  for (let count = 0; count < 18; count++) {
    const now = at(2, 300 + count * 13)
    const text = `notifier error getaddrinfo ENOTFOUND smtp.relay.example code=ENOTFOUND attempt=${random.int(1, 5)}`
    say('notifier', now, text, 'cri')
  }
}

/** 18:30: a start with a misspelt option. */
function misspell({ at, say }: Night): void {
  const now = at(0, 1800)
  say(
    'notifier',
    now,
    'notifier warn unknown key "retires" in /etc/notifier/mailer.yaml, ignored',
    'cri',
  )
  say('notifier', now + 40, 'notifier info retries=0 (default)', 'cri')
}
