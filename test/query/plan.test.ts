import { describe, expect, test } from 'vitest'
import { type Plan, planQuestion } from '../../src/query/plan.ts'

const context = {
  now: new Date('2026-11-23T21:00:00Z'),
  timeZone: 'UTC',
  services: [
    'frontend',
    'auth',
    'checkout',
    'inventory',
    'payments',
    'orders-db',
    'worker',
    'shipping',
    'queue',
    'kernel',
    'sshd',
    'nova-compute',
  ],
  streams: [],
}

/** A plan in short: kind, then what there is of services, severity, identifiers, phrases. Compared as a whole. */
interface Short {
  kind: Plan['kind']
  services?: string[]
  min?: number
  ids?: string[]
  phrases?: string[]
  words: string
  hasRange?: boolean
}

const short = (question: string): Short => {
  const { kind, filters, identifiers, phrases, words, range } = planQuestion(question, context)
  return {
    kind,
    ...(filters.services.length > 0 ? { services: [...filters.services] } : {}),
    ...(filters.minSeverity > 0 ? { min: filters.minSeverity } : {}),
    ...(identifiers.length > 0 ? { ids: [...identifiers] } : {}),
    ...(phrases.length > 0 ? { phrases: [...phrases] } : {}),
    words: words.join(' '),
    ...(range ? { hasRange: true } : {}),
  }
}

const questions: [string, Short][] = [
  // Causes.
  [
    'Why did payments fail around 14:32?',
    { kind: 'explain', services: ['payments'], words: 'fail', hasRange: true },
  ],
  [
    'why did checkout error-rate spike at 14:32?',
    { kind: 'explain', services: ['checkout'], words: 'error', hasRange: true },
  ],
  ['why is my pod stuck in Pending?', { kind: 'explain', words: 'pod stuck pending' }],
  ['What caused the failed payments?', { kind: 'explain', words: 'failed payments' }],
  ['what is the root cause of the crash?', { kind: 'explain', words: 'crash' }],
  [
    'Why was blk_38865049064139660 deleted?',
    { kind: 'explain', ids: ['blk_38865049064139660'], words: 'deleted' },
  ],
  ["what's wrong with auth?", { kind: 'explain', words: 'auth' }],
  ['what went wrong this morning?', { kind: 'explain', words: '', hasRange: true }],
  ['why are orders slow?', { kind: 'explain', words: 'orders slow' }],
  ['What led to the OOM kills?', { kind: 'explain', words: 'led oom kills' }],
  // Numbers.
  [
    'How many payments failed in the last 30 minutes?',
    { kind: 'count', words: 'payments failed', hasRange: true },
  ],
  [
    'how many errors did checkout log today?',
    { kind: 'count', services: ['checkout'], min: 17, words: '', hasRange: true },
  ],
  ['how many errors?', { kind: 'count', min: 17, words: '' }],
  [
    'How many times was authentication failure logged for user root on June 14?',
    { kind: 'count', ids: ['root'], words: 'authentication failure user root', hasRange: true },
  ],
  [
    'how often did 10.10.34.11:3888 refuse a connection?',
    { kind: 'count', ids: ['10.10.34.11:3888'], words: 'refuse connection' },
  ],
  ['how many 404s in the last hour?', { kind: 'count', ids: ['404'], words: '', hasRange: true }],
  [
    'how many error 500 in frontend?',
    { kind: 'count', services: ['frontend'], ids: ['500'], words: '' },
  ],
  ['how many requests took more than 1000 ms?', { kind: 'count', words: 'requests took' }],
  ['How many users logged in?', { kind: 'count', words: 'users logged' }],
  ['count errors by service', { kind: 'count', min: 17, words: '' }],
  ['number of OOMKilled pods yesterday', { kind: 'count', words: 'oomkilled', hasRange: true }],
  [
    'how many lines mention "no space left"?',
    { kind: 'count', phrases: ['no space left'], words: 'no space left' },
  ],
  ['How many instances of timeout were there?', { kind: 'count', words: 'timeout' }],
  ['how many messages were delivered?', { kind: 'count', words: 'messages delivered' }],
  ['How many containers were started?', { kind: 'count', words: 'containers started' }],
  ['How many times did it restart?', { kind: 'count', words: 'restart' }],
  ['How many warnings in total?', { kind: 'count', min: 13, words: '' }],
  // The most.
  ['top 5 errors today', { kind: 'top', min: 17, words: '', hasRange: true }],
  ['which service has the most errors?', { kind: 'top', min: 17, words: '' }],
  [
    'Which IP had the most authentication failures?',
    { kind: 'top', words: 'authentication failures' },
  ],
  [
    'what are the most frequent warnings in shipping?',
    { kind: 'top', services: ['shipping'], min: 13, words: '' },
  ],
  // Only a filter: its largest patterns.
  ['errors in the last 10 minutes', { kind: 'top', min: 17, words: '', hasRange: true }],
  ['show me the errors', { kind: 'top', min: 17, words: '' }],
  ['list the errors in the last 20 minutes', { kind: 'top', min: 17, words: '', hasRange: true }],
  ['top errors', { kind: 'top', min: 17, words: '' }],
  // By service.
  [
    'which services had errors in the last 10 minutes?',
    { kind: 'top', min: 17, words: '', hasRange: true },
  ],
  ['which services timed out?', { kind: 'top', words: 'timed out' }],
  ['how many errors per service?', { kind: 'count', min: 17, words: '' }],
  // What began.
  ['which errors began around 14:32?', { kind: 'around', min: 17, words: '', hasRange: true }],
  ['what errors started at 20:30?', { kind: 'around', min: 17, words: '', hasRange: true }],
  [
    'which errors came first in the last hour?',
    { kind: 'around', min: 17, words: '', hasRange: true },
  ],
  ['what started at 14:32?', { kind: 'around', words: '', hasRange: true }],
  ['which errors occured at 14:32?', { kind: 'top', min: 17, words: '', hasRange: true }],
  // Statuses and other bare numbers.
  ['how many 502?', { kind: 'count', ids: ['502'], words: '' }],
  ['how many 500 errors?', { kind: 'count', ids: ['500'], words: '' }],
  ['how many 504 responses on /api/cart', { kind: 'count', ids: ['504', '/api/cart'], words: '' }],
  ['how many 500 requests failed?', { kind: 'count', words: 'requests failed' }],
  // Over time.
  [
    'when did errors start in checkout?',
    { kind: 'trend', services: ['checkout'], min: 17, words: '' },
  ],
  ['when did the first payment fail?', { kind: 'trend', words: 'payment fail' }],
  ['When did the queue start growing?', { kind: 'trend', services: ['queue'], words: 'growing' }],
  ['when did payments start failing?', { kind: 'trend', services: ['payments'], words: 'failing' }],
  ['when did timeouts start?', { kind: 'trend', words: 'timeouts' }],
  [
    'what is the error rate of checkout?',
    { kind: 'trend', services: ['checkout'], words: 'error' },
  ],
  ['What is the trend of OOM kills over time?', { kind: 'trend', words: 'oom kills' }],
  ['errors per minute in auth', { kind: 'trend', services: ['auth'], min: 17, words: '' }],
  [
    'When did ZooKeeper lose its connection to 10.10.34.13?',
    { kind: 'trend', ids: ['10.10.34.13'], words: 'zookeeper lose connection' },
  ],
  // Around a time.
  ['what happened around 14:32?', { kind: 'around', words: '', hasRange: true }],
  [
    'what happened to the queue between 14:00 and 15:30?',
    { kind: 'around', words: 'queue', hasRange: true },
  ],
  [
    'anything unusual in checkout since 14:00?',
    { kind: 'around', services: ['checkout'], words: 'unusual', hasRange: true },
  ],
  ['summarize the last hour', { kind: 'around', words: '', hasRange: true }],
  // One thing.
  ['What happened to order ORD-489357?', { kind: 'find', ids: ['ORD-489357'], words: '' }],
  [
    'find req-38101a0b-2096-447d-96ea-a692162415ae',
    { kind: 'find', ids: ['req-38101a0b-2096-447d-96ea-a692162415ae'], words: '' },
  ],
  [
    'what did nova-compute do to instance 54fadb41-2c4e-40cd-baed-9335e4c35a9e?',
    {
      kind: 'find',
      services: ['nova-compute'],
      ids: ['54fadb41-2c4e-40cd-baed-9335e4c35a9e'],
      words: '',
    },
  ],
  [
    'failed logins for user guest from 218.188.2.4',
    { kind: 'find', ids: ['guest', '218.188.2.4'], words: 'failed logins user guest' },
  ],
  ['user admin was locked out', { kind: 'find', ids: ['admin'], words: 'user admin locked out' }],
  ['user unknown', { kind: 'find', words: 'user unknown' }],
  [
    'connection from ftp.linux.org.uk',
    { kind: 'find', ids: ['ftp.linux.org.uk'], words: 'connection' },
  ],
  ['rhost=218.188.2.4', { kind: 'find', ids: ['218.188.2.4'], words: 'rhost' }],
  [
    'GET /v2/54fadb412c4e40cdbaed9335e4c35a9e/servers/detail status 200',
    {
      kind: 'find',
      ids: ['/v2/54fadb412c4e40cdbaed9335e4c35a9e/servers/detail', '200'],
      words: '',
    },
  ],
  [
    'what did the worker do with order #1234?',
    { kind: 'find', services: ['worker'], ids: ['1234'], words: '' },
  ],
  [
    'job_1445144423722_0020 failed',
    { kind: 'find', ids: ['job_1445144423722_0020'], words: 'failed' },
  ],
  ['mesos-slave-07 lost', { kind: 'find', ids: ['mesos-slave-07'], words: 'lost' }],
  ['mail from alice@example.com', { kind: 'find', ids: ['alice@example.com'], words: 'mail' }],
  [
    'fe80::1ff:fe23:4567:890a unreachable',
    { kind: 'find', ids: ['fe80::1ff:fe23:4567:890a'], words: 'unreachable' },
  ],
  ['exit code 137', { kind: 'find', ids: ['137'], words: 'exit' }],
  ['status: 504', { kind: 'find', ids: ['504'], words: '' }],
  [
    'trace f00931c1b24b010b60756ec6fc4d2871',
    { kind: 'find', ids: ['f00931c1b24b010b60756ec6fc4d2871'], words: '' },
  ],
  // Services and severities as filters.
  ['errors in checkout', { kind: 'top', services: ['checkout'], min: 17, words: '' }],
  ['checkout errors', { kind: 'top', services: ['checkout'], min: 17, words: '' }],
  [
    'show warnings from the payment service in the last hour',
    { kind: 'top', services: ['payments'], min: 13, words: '', hasRange: true },
  ],
  ['show me all fatal errors in kernel', { kind: 'top', services: ['kernel'], min: 21, words: '' }],
  ['critical events yesterday', { kind: 'top', min: 21, words: '', hasRange: true }],
  ['error messages from shipping', { kind: 'top', services: ['shipping'], min: 17, words: '' }],
  ['any error in inventory?', { kind: 'top', services: ['inventory'], min: 17, words: '' }],
  ['the last error in auth', { kind: 'top', services: ['auth'], min: 17, words: '' }],
  [
    'were there errors or warnings in shipping and payments this morning?',
    { kind: 'top', services: ['shipping', 'payments'], min: 13, words: '', hasRange: true },
  ],
  [
    'connection errors in the orders database',
    { kind: 'find', services: ['orders-db'], words: 'connection errors' },
  ],
  ['is the auth service down?', { kind: 'find', services: ['auth'], words: 'down' }],
  ['errors in chekout', { kind: 'top', services: ['checkout'], min: 17, words: '' }],
  [
    'errors in paymnets since 14:00',
    { kind: 'top', services: ['payments'], min: 17, words: '', hasRange: true },
  ],
  [
    'Did a deadlock happen in orders-db?',
    { kind: 'find', services: ['orders-db'], words: 'deadlock' },
  ],
  [
    '"connection refused" in worker',
    {
      kind: 'find',
      services: ['worker'],
      phrases: ['connection refused'],
      words: 'connection refused',
    },
  ],
  [
    'calls to orders-db from payments',
    { kind: 'find', services: ['payments'], words: 'calls orders db' },
  ],
  // What is no filter: a wrong one hides the answer.
  ['cannot connect to orders-db', { kind: 'find', words: 'cannot connect orders db' }],
  ['traffic between checkout and payments', { kind: 'find', words: 'traffic checkout payments' }],
  ['tell me about the auth failures', { kind: 'find', words: 'auth failures' }],
  ['payment errors', { kind: 'find', words: 'payment errors' }],
  ['error 500 in frontend', { kind: 'find', services: ['frontend'], ids: ['500'], words: '' }],
  ['parse errors', { kind: 'find', words: 'parse errors' }],
  ['what errors mention disk full?', { kind: 'find', words: 'errors disk full' }],
  ['timeouts or errors', { kind: 'find', words: 'timeouts errors' }],
  ['errors or timeouts', { kind: 'find', words: 'errors timeouts' }],
  [
    '"fatal errors" of the compiler',
    { kind: 'find', phrases: ['fatal errors'], words: 'fatal errors compiler' },
  ],
  ['the queue is growing', { kind: 'find', words: 'queue growing' }],
  ['shopping carts', { kind: 'find', words: 'shopping carts' }],
  // Words that only look like something else.
  ['no space left on device', { kind: 'find', words: 'no space left device' }],
  ['Is the disk rate limited?', { kind: 'find', words: 'disk rate limited' }],
  ['java.net.NoRouteToHostException', { kind: 'find', words: 'java net noroutetohostexception' }],
  ['IPv6 and HTTP2 over TLS1.2', { kind: 'find', words: 'ipv6 http2 tls1' }],
  ['p99 of the 5xx', { kind: 'find', words: 'p99 5xx' }],
  ['read/write errors on and/or I/O', { kind: 'find', words: 'read write errors' }],
  ['did it retry 3 times within 30 seconds?', { kind: 'find', words: 'retry' }],
]

describe('the plan of a question', () => {
  test.each(questions)('%s', (question, expected) => {
    expect(short(question)).toEqual(expected)
  })
})

describe('the text that is searched for', () => {
  test.each([
    ['Why did payments fail around 14:32?', 'payments fail'],
    ['show me all timeouts of the payment service since 14:00', 'timeouts'],
    ['connection errors in orders-db', 'connection errors'],
    ['How many payments failed in the last 30 minutes?', 'payments failed'],
    ['when did timeouts start?', 'timeouts'],
    ['GET /cart failed', 'GET /cart failed'],
    ['Which IP had the most authentication failures?', 'authentication failures'],
    // Only filters: their words are all there is to rank by.
    ['show warnings from the payment service', 'warnings from the payment service'],
    ['top 5 errors today', 'errors'],
    // Nothing but a time.
    ['what happened around 14:32?', ''],
  ])('%s', (question, text) => {
    expect(planQuestion(question, context).text).toBe(text)
  })
})

test('the filters take the window, and the streams that may be searched', () => {
  const streams = ['audit', 'logs']
  const plan = planQuestion('errors in stream audit since 14:00', { ...context, streams })
  expect(plan.filters).toEqual({
    from: new Date('2026-11-23T14:00:00Z'),
    to: new Date('2026-11-23T21:01:00Z'),
    services: [],
    minSeverity: 17,
    streams: ['audit'],
  })
  expect(planQuestion('errors', { ...context, streams }).filters.streams).toEqual(streams)
  expect(planQuestion('errors in stream other', { ...context, streams }).filters.streams).toEqual(
    streams,
  )
})

test('the name of a stream beside the word stream is no service', () => {
  const both = { ...context, services: ['app'], streams: ['app', 'logs'] }
  for (const question of [
    'errors in app stream',
    'errors of the app stream',
    'errors in stream app',
  ])
    expect(planQuestion(question, both).filters, question).toMatchObject({
      services: [],
      streams: ['app'],
    })
  expect(planQuestion('errors in app', both).filters.services).toEqual(['app'])
})

test.each([
  [
    'errors between 25:00 and 26:99',
    'I did not understand the time “between 25:00 and 26:99”: all that is indexed was searched.',
  ],
  ['did 500 requests fail?', '500 was not used.'],
  ['errors per host', 'Counts by host are not made; these are by pattern.'],
])('what is not used of a question is said: %s', (question, note) => {
  expect(planQuestion(question, context).notes).toEqual([note])
})

test('a slip in a unit of time is put right, and nothing is to be said of it', () => {
  const plan = planQuestion('errors in the last 10 minuts', context)
  expect(plan.filters.from).toEqual(new Date('2026-11-23T20:50:00Z'))
  expect(plan.notes).toEqual([])
})

test('the same question has the same plan', () => {
  const question = 'Why did payments fail on 2015-10-18 between 18:01 and 18:05?'
  expect(planQuestion(question, context)).toEqual(planQuestion(question, context))
})

test.each(['', '   ', 'x'.repeat(2001)])(
  'a question of no words or of too many is refused: %#',
  (question) => {
    expect(() => planQuestion(question, context)).toThrow(
      expect.objectContaining({ code: 'invalid_argument' }),
    )
  },
)

test('odd questions have a plan', () => {
  for (const question of [
    '?',
    '...',
    '"',
    "'",
    '[1]',
    'a',
    '🙂 errors?',
    '日本 エラー',
    'in in in',
    'on on at',
    '\u0001',
    'x'.repeat(2000),
    '"a'.repeat(900),
    'user '.repeat(400),
  ])
    expect(() => planQuestion(question, context), question.slice(0, 20)).not.toThrow()
})

test('service names that are patterns, empty or like ids do no harm', () => {
  const services = ['', '.*', '(', 'a+b', 'order-1234', 'Checkout']
  const plan = planQuestion('errors in checkout for order-1234', { ...context, services })
  expect(plan.filters.services).toEqual(['Checkout', 'order-1234'])
})
