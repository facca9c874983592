import { describe, expect, test } from 'vitest'
import { type Expected, parse, pick } from './parse-line.ts'

const cases: [format: string, line: string, expected: Expected][] = [
  [
    'log4j',
    '2024-03-05 07:08:09,123 WARN [pool-1-thread-2] com.shop.pay.Ledger: balance is low',
    {
      at: '2024-03-05T07:08:09.123Z',
      severity: 13,
      service: null,
      body: 'balance is low',
      attributes: { thread: 'pool-1-thread-2', logger: 'com.shop.pay.Ledger' },
    },
  ],
  [
    'log4j with dashes and a class in brackets',
    '2024-03-05 07:08:09,123 - ERROR [Peer[id=1]/0:0:0:0:2181:Election@77] - no leader',
    {
      severity: 17,
      body: 'no leader',
      attributes: { thread: 'Peer[id=1]/0:0:0:0:2181:Election@77' },
    },
  ],
  [
    'Spring Boot',
    '2024-03-05 07:08:09.123  INFO 4711 --- [           main] c.e.shop.Application  : Started in 3.2 seconds',
    {
      severity: 9,
      body: 'Started in 3.2 seconds',
      attributes: { pid: 4711, thread: 'main', logger: 'c.e.shop.Application' },
    },
  ],
  [
    'Logback with the thread before the level',
    '07:08:09.123 [http-1] ERROR c.s.Pay - failed'.replace(/^/, '2024-03-05 '),
    { severity: 17, body: 'failed', attributes: { thread: 'http-1', logger: 'c.s.Pay' } },
  ],
  [
    'OpenStack with the file that tail names',
    'cinder-volume.log.1.2024-03-05_01:02:03 2024-03-05 07:08:09.008 812 INFO cinder.volume.manager [req-0b9a u1 p1 - - -] volume v1 attached',
    {
      at: '2024-03-05T07:08:09.008Z',
      severity: 9,
      service: 'cinder-volume',
      body: 'volume v1 attached',
      attributes: {
        pid: 812,
        logger: 'cinder.volume.manager',
        context: ['req-0b9a', 'u1', 'p1'],
        source: 'cinder-volume.log.1.2024-03-05_01:02:03',
      },
    },
  ],
  [
    'Python logging',
    '2024-03-05 07:08:09,123 - app.worker - CRITICAL - queue lost',
    { severity: 21, body: 'queue lost', attributes: { logger: 'app.worker' } },
  ],
  ['Python basicConfig', 'WARNING:app.db:slow', { severity: 13, body: 'slow' }],
  [
    'loguru',
    '2024-03-05 07:08:09.123 | ERROR    | app.main:run:12 - it broke',
    { severity: 17, body: 'it broke', attributes: { logger: 'app.main:run:12' } },
  ],
  [
    'Celery',
    '[2024-03-05 07:08:09,123: WARNING/ForkPoolWorker-3] task late',
    { severity: 13, body: 'task late', attributes: { thread: 'ForkPoolWorker-3' } },
  ],
  [
    'zap for the console',
    '2024-03-05T07:08:09.123Z\tinfo\tsetup\tstarting manager',
    { severity: 9, body: 'setup\tstarting manager' },
  ],
  [
    'Monolog',
    '[2024-03-05 07:08:09] local.ERROR: no such table',
    { severity: 17, body: 'no such table', attributes: { logger: 'local' } },
  ],
  [
    'Dropwizard',
    'INFO  [2024-03-05 07:08:09,123] com.x.Main: up',
    { at: '2024-03-05T07:08:09.123Z', severity: 9, body: 'up' },
  ],
  [
    'Spark',
    '24/03/05 07:08:09 INFO scheduler.DAGScheduler: Job 3 finished',
    { severity: 9, body: 'Job 3 finished', attributes: { logger: 'scheduler.DAGScheduler' } },
  ],
  [
    'HDFS',
    '240305 070809 148 INFO dfs.DataNode$DataXceiver: Receiving block blk_77',
    { at: '2024-03-05T07:08:09.000Z', severity: 9, body: 'Receiving block blk_77' },
  ],
  [
    'Windows servicing',
    '2024-03-05 07:08:09, Info                  CBS    Loaded stack',
    { severity: 9, body: 'CBS    Loaded stack' },
  ],
  [
    'logcat',
    '03-05 07:08:09.811  1702  2395 E ActivityManager: ANR in com.shop',
    {
      severity: 17,
      body: 'ANR in com.shop',
      attributes: { pid: 1702, tid: 2395, logger: 'ActivityManager' },
    },
  ],
  [
    'klog',
    'E0305 07:08:09.000000       1 reflector.go:138] failed to list *v1.Pod',
    {
      at: '2026-03-05T07:08:09.000Z',
      severity: 17,
      body: 'failed to list *v1.Pod',
      attributes: { tid: 1, source: 'reflector.go:138' },
    },
  ],
  [
    'Ruby',
    'W, [2024-03-05T07:08:09.123456 #812]  WARN -- web: slow',
    { severity: 13, body: 'slow', attributes: { pid: 812, logger: 'web' } },
  ],
  [
    'Redis',
    '812:M 05 Mar 2024 07:08:09.123 # Background saving error',
    { severity: 13, body: 'Background saving error', attributes: { pid: 812, role: 'M' } },
  ],
  [
    'nginx error',
    '2024/03/05 07:08:09 [crit] 12#13: *7 SSL_do_handshake() failed, client: 10.0.0.9',
    {
      severity: 18,
      body: '*7 SSL_do_handshake() failed, client: 10.0.0.9',
      attributes: { pid: 12 },
    },
  ],
  [
    'Apache 2.2 error',
    '[Tue Mar 05 07:08:09 2024] [error] [client 10.0.0.9] File does not exist: /x',
    {
      at: '2024-03-05T07:08:09.000Z',
      severity: 17,
      body: '[client 10.0.0.9] File does not exist: /x',
    },
  ],
  [
    'Apache 2.4 error',
    '[Tue Mar 05 07:08:09.123456 2024] [proxy:warn] [pid 7:tid 8] AH01144: no handler',
    { severity: 13, body: 'AH01144: no handler', attributes: { pid: 7, tid: '8' } },
  ],
  [
    'nginx access, combined',
    '10.0.0.9 - bob [05/Mar/2024:07:08:09 +0100] "POST /api/pay?x=1 HTTP/1.1" 502 157 "https://shop.example/" "curl/8.1" 0.250',
    {
      at: '2024-03-05T06:08:09.000Z',
      severity: 17,
      body: '10.0.0.9 bob "POST /api/pay?x=1 HTTP/1.1" 502 157 0.250',
      attributes: {
        client: '10.0.0.9',
        user: 'bob',
        method: 'POST',
        path: '/api/pay?x=1',
        status: 502,
        bytes: 157,
        referer: 'https://shop.example/',
        agent: 'curl/8.1',
      },
    },
  ],
  [
    'Apache access, common, by IPv6',
    '::1 - - [05/Mar/2024:07:08:09 +0000] "GET /x HTTP/1.0" 404 -',
    { severity: 13, body: '::1 "GET /x HTTP/1.0" 404 -' },
  ],
  [
    'Apache access with its virtual host',
    'shop.example:443 10.0.0.9 - - [05/Mar/2024:07:08:09 +0000] "GET / HTTP/1.1" 200 12',
    { severity: 9, body: 'shop.example:443 10.0.0.9 "GET / HTTP/1.1" 200 12' },
  ],
  [
    'Postgres',
    '2024-03-05 07:08:09.123 CET [812] app@shop FATAL:  too many connections',
    {
      at: '2024-03-05T06:08:09.123Z',
      severity: 21,
      body: 'too many connections',
      attributes: { pid: 812, session: 'app@shop' },
    },
  ],
  [
    'Postgres, the lines below an error',
    '2024-03-05 07:08:09.123 UTC [812] app@shop DETAIL:  Key (id)=(4) already exists.',
    {
      severity: 9,
      body: 'DETAIL:  Key (id)=(4) already exists.',
      attributes: { pid: 812, session: 'app@shop' },
    },
  ],
  [
    'Postgres LOG',
    '2024-03-05 07:08:09 UTC [8] LOG:  checkpoint starting',
    { severity: 9, body: 'checkpoint starting' },
  ],
  [
    'MySQL',
    '2024-03-05T07:08:09.123456Z 0 [Warning] [MY-010068] CA is self signed',
    { severity: 13, body: '[MY-010068] CA is self signed' },
  ],
  [
    'CRI',
    '2024-03-05T07:08:09.123456789+01:00 stderr F panic: boom',
    {
      at: '2024-03-05T06:08:09.123Z',
      severity: 21,
      body: 'panic: boom',
      attributes: { stream: 'stderr' },
    },
  ],
  [
    'CRI, a part of a line',
    '2024-03-05T07:08:09.123456789Z stdout P first half',
    { body: 'first half', attributes: { stream: 'stdout', partial: true } },
  ],
  [
    'CRI around JSON',
    '2024-03-05T07:08:09Z stdout F {"level":"warn","msg":"slow","ms":12}',
    { severity: 13, body: 'slow', attributes: { stream: 'stdout', ms: 12 } },
  ],
  [
    'syslog, RFC 3164',
    '<38>Mar  5 07:08:09 web1 sshd[812]: Accepted publickey for deploy',
    {
      at: '2026-03-05T07:08:09.000Z',
      severity: 9,
      service: 'sshd',
      host: 'web1',
      body: 'Accepted publickey for deploy',
      attributes: { facility: 'auth', pid: 812 },
    },
  ],
  [
    'syslog from a file, with a PAM module',
    'Mar  5 07:08:09 web1 su(pam_unix)[812]: session opened for user root',
    { severity: 0, service: 'su', host: 'web1', attributes: { module: 'pam_unix', pid: 812 } },
  ],
  [
    'syslog, RFC 5424',
    '<165>1 2024-03-05T07:08:09.003Z web1.example evntslog 8 ID47 [a@1 k="v \\"q\\"" n="2"][b@1 x=""] \ufeffdone',
    {
      at: '2024-03-05T07:08:09.003Z',
      severity: 10,
      service: 'evntslog',
      host: 'web1.example',
      body: 'done',
      attributes: {
        facility: 'local4',
        pid: '8',
        msgid: 'ID47',
        'a@1': { k: 'v "q"', n: '2' },
        'b@1': { x: '' },
      },
    },
  ],
  [
    'syslog, RFC 5424 with nothing known',
    '<11>1 - - - - - - out of paper',
    {
      at: '2026-11-23T10:00:00.000Z',
      severity: 17,
      service: null,
      host: null,
      body: 'out of paper',
    },
  ],
  [
    'syslog with an ISO time, around logfmt',
    '2024-03-05T07:08:09.123456+00:00 web1 dockerd[8]: level=error msg="handler died" id=7',
    {
      severity: 17,
      service: 'dockerd',
      host: 'web1',
      body: 'handler died',
      attributes: { pid: 8, id: '7' },
    },
  ],
  [
    'syslog without a host',
    'Mar  5 07:08:09 crond[8]: job',
    { service: 'crond', host: null, body: 'job' },
  ],
  [
    'syslog with a path for a program',
    'Mar  5 07:08:09 h /usr/sbin/cron[8]: job',
    { service: 'cron' },
  ],
  [
    'syslog with a version in its tag',
    'Mar  5 07:08:09 h syslogd 1.4.1: restart.',
    { service: 'syslogd', body: 'restart.' },
  ],
  [
    'syslog without a program',
    'Mar  5 07:08:09 h last message repeated 2 times',
    { service: null, host: 'h', body: 'last message repeated 2 times' },
  ],
  ['a priority before free text', '<12>disk is filling', { severity: 13, body: 'disk is filling' }],
  [
    'logfmt',
    'time="2024-03-05T07:08:09Z" level=warning msg="disk \\"a\\" full" path=/var trace_id=4bf92f3577b34da6a3ce929d0e0e4736',
    {
      at: '2024-03-05T07:08:09.000Z',
      severity: 13,
      body: 'disk "a" full',
      traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
      attributes: { path: '/var' },
    },
  ],
  [
    'logfmt with an error',
    'ts=2024-03-05T07:08:09.5Z lvl=eror msg=failed err="no route"',
    { severity: 17, body: 'failed: no route' },
  ],
  [
    'logfmt without a message',
    'level=info method=GET path=/x status=200',
    { severity: 9, body: 'level=info method=GET path=/x status=200' },
  ],
  ['pairs that are no log', 'a=1 b=2', { severity: 0, body: 'a=1 b=2', attributes: {} }],
  [
    'Docker Compose',
    'web-1  | {"level":"info","msg":"up"}',
    { severity: 9, service: 'web', body: 'up', attributes: { container: 'web-1' } },
  ],
  ['a time and a text', '2024-03-05 07:08:09 5 items done', { severity: 0, body: '5 items done' }],
  ['an epoch and a text', '1709622489.5 done', { at: '2024-03-05T07:08:09.500Z', body: 'done' }],
  [
    'a time alone',
    '2024-03-05 07:08:09',
    { at: '2024-03-05T07:08:09.000Z', body: '2024-03-05 07:08:09' },
  ],
]

describe('a text line', () => {
  test.each(cases)('of %s is read: %s', (_, line, expected) => {
    expect(pick(parse(line), expected)).toEqual(expected)
  })
})

describe('severity', () => {
  test.each([
    ['ERROR: no such table', 17],
    ['error: cannot open', 17],
    ['[warn] low', 13],
    ['(EE) no screens', 0],
    ['FATAL out of luck', 21],
    ['2024-03-05T07:08:09Z error opening file', 17],
    ['panic: runtime error', 21],
    ['Traceback (most recent call last):', 17],
    ['java.io.IOException: gone', 17],
    ['TypeError: x is not a function', 17],
    ['level=error something broke', 17],
    ['Error in the sky', 0],
    ['Fatal attraction', 0],
    ['no error here', 0],
    ['Information desk opened', 0],
    ['2024-03-05 07:08:09 Got ERROR from server', 0],
  ])('of "%s" is guessed only from how it opens', (line, severity) => {
    const event = parse(line)
    expect(event.severity).toBe(severity)
    expect(line.endsWith(event.body)).toBe(true)
  })
})

describe('a stack trace', () => {
  test('that came in one record stays with its message', () => {
    const trace = 'boom\n\tat com.shop.A.b(A.java:1)\n\tat com.shop.C.d(C.java:2)'
    const event = parse(`2024-03-05 07:08:09,123 ERROR [main] com.shop.A: ${trace}\n`)
    expect(pick(event, { severity: 17, body: trace })).toEqual({ severity: 17, body: trace })
  })

  test('line keeps the blanks that show where it belongs', () => {
    expect(parse('\tat com.shop.A.b(A.java:1)\r\n').body).toBe('\tat com.shop.A.b(A.java:1)')
  })
})
