import { accessTime } from './formats.ts'
import { clientIp, customer, skus, userAgents } from './people.ts'
import type { Scene } from './scene.ts'
import { timeline } from './timeline.ts'

/** One order while it goes through the shop: what every service prints about it. */
interface Order {
  id: string
  traceId: string
  customerId: string
  amount: string
  cardEnding: number
  ip: string
}

const maximumAttempts = 3

/** One customer buys something, starting `at` (milliseconds). Every service on the way says so. */
export function placeOrder(scene: Scene, at: number, orderNumber: number): void {
  const { random } = scene
  const order: Order = {
    id: `ORD-${orderNumber}`,
    traceId: random.hex(32),
    customerId: customer(random),
    amount: `${random.int(9, 240)}.${random.pick(['00', '50', '90', '95', '99'])}`,
    cardEnding: random.int(1000, 9999),
    ip: clientIp(random),
  }
  enter(scene, at, order)
  const paidAt = pay(scene, at + random.int(60, 120), order)
  if (paidAt === undefined) return
  scene.say({
    app: 'checkout',
    at: paidAt + 9,
    message: 'order placed',
    fields: { orderId: order.id, traceId: order.traceId, totalMs: paidAt + 9 - at },
  })
  answer(scene, paidAt + 14, order, { status: 201, bytes: 412, startedAt: at })
  fulfil(scene, paidAt + random.int(300, 2500), order)
}

function enter(scene: Scene, at: number, order: Order): void {
  const { random, say } = scene
  const { id, traceId, customerId } = order
  say({
    app: 'auth',
    at: at + random.int(2, 9),
    message: 'Token verified',
    fields: { subject: customerId, traceID: traceId },
    source: 'token.go:88',
  })
  const items = random.int(1, 4)
  say({
    app: 'checkout',
    at: at + random.int(10, 18),
    message: 'checkout started',
    fields: { orderId: id, traceId, customerId, items, amount: order.amount, currency: 'EUR' },
  })
  for (let item = 0; item < Math.min(items, 2); item++) {
    const sku = random.pick(skus)
    const left = random.int(3, 900)
    say({
      app: 'inventory',
      at: at + random.int(22, 50),
      message: 'stock reserved',
      fields: { order: id, sku, quantity: random.int(1, 3), left, trace_id: traceId },
    })
  }
}

/** Pays, with retries. Returns the time of the success, or undefined after the last failure. */
function pay(scene: Scene, startAt: number, order: Order): number | undefined {
  const { random, say } = scene
  const { id, traceId } = order
  let at = startAt
  for (let attempt = 1; attempt <= maximumAttempts; attempt++) {
    const thread = `http-nio-8080-exec-${random.int(1, 40)}`
    say({
      app: 'payments',
      at,
      message: `Authorizing ${order.amount} EUR for order ${id}, card ending ${order.cardEnding}, trace ${traceId}`,
      source: `${thread}|c.s.payments.AuthorizationService`,
    })
    // Some inserts still find room in a half-empty page.
    const isRefused = at >= scene.at(timeline.writesRefused) && random.chance(0.9)
    if (!isRefused) {
      const capturedAt = at + random.int(90, 260)
      say({
        app: 'payments',
        at: capturedAt,
        message: `Payment captured for order ${id} in ${capturedAt - at} ms, authorization ${random.hex(12)}`,
        source: `${thread}|c.s.payments.CaptureService`,
      })
      return capturedAt
    }
    const failedAt = at + random.int(12, 40)
    refuse(scene, failedAt, order, thread)
    at = failedAt + retry(scene, failedAt + 5, order, attempt)
  }
  giveUp(scene, at, order, startAt)
  return undefined
}

/** The database refuses the write; payments says which order it cost. */
function refuse(scene: Scene, at: number, order: Order, thread: string): void {
  const { random, say } = scene
  const relation = `base/16401/${random.pick([24687, 24691, 24702])}`
  const backend = `${random.int(300, 990)}|payments_app@orders`
  const db = { app: 'orders-db', source: backend } as const
  say({
    ...db,
    at: at - 6,
    level: 'error',
    message: `could not extend file "${relation}": No space left on device`,
    fact: 'write.refused',
  })
  say({ ...db, at: at - 6, message: 'HINT:  Check free disk space.' })
  say({
    ...db,
    at: at - 6,
    message:
      'STATEMENT:  insert into authorization_entry (order_id, amount, state) values ($1, $2, $3)',
  })
  const pod = scene.podOf('payments', at)
  say({
    app: 'payments',
    pod,
    at,
    level: 'error',
    message: `Payment failed for order ${order.id}: could not record the authorization, trace ${order.traceId}`,
    source: `${thread}|c.s.payments.AuthorizationService`,
    fact: 'payment.failed',
  })
  const stack = { app: 'payments', pod, at, level: 'error', source: 'stack' } as const
  say({
    ...stack,
    message: `org.postgresql.util.PSQLException: ERROR: could not extend file "${relation}": No space left on device`,
  })
  if (!random.chance(0.3)) return
  say({
    ...stack,
    message:
      '\tat org.postgresql.core.v3.QueryExecutorImpl.receiveErrorResponse(QueryExecutorImpl.java:2733)',
  })
  say({
    ...stack,
    message: '\tat com.shop.payments.LedgerRepository.insert(LedgerRepository.java:61)',
  })
}

/** Checkout decides to try again. Returns how many milliseconds it waits. */
function retry(scene: Scene, at: number, order: Order, attempt: number): number {
  const { id: orderId, traceId } = order
  const delayMs = 400 * 2 ** attempt + scene.random.int(0, 200)
  if (attempt === maximumAttempts) return delayMs
  scene.say({
    app: 'checkout',
    at,
    level: 'warn',
    message: 'payments answered 503, will retry',
    fields: { orderId, traceId, attempt, delayMs, upstream: 'payments' },
  })
  return delayMs
}

function giveUp(scene: Scene, at: number, order: Order, startedAt: number): void {
  const { random, say } = scene
  const { id: orderId, traceId } = order
  const isTimeout = at >= scene.at(timeline.checkoutTimeouts) && random.chance(0.6)
  const tookMs = at - startedAt + (isTimeout ? 4000 : 0)
  const endAt = startedAt + tookMs
  say({
    app: 'checkout',
    at: endAt,
    level: 'error',
    message: isTimeout
      ? 'checkout timed out waiting for payments'
      : 'giving up on payment after 3 attempts',
    fields: { orderId, traceId, tookMs, upstream: 'payments' },
    fact: 'order.gaveUp',
  })
  say({
    app: 'inventory',
    at: endAt + 8,
    level: 'warn',
    message: 'reservation released',
    fields: { order: orderId, reason: 'checkout failed', trace_id: traceId },
  })
  const host = `http://10.42.${random.int(1, 3)}.${random.int(10, 99)}:8080`
  if (isTimeout) {
    say({
      app: 'frontend',
      at: endAt + 2,
      level: 'error',
      source: 'error',
      message: `*${random.int(40_000, 99_999)} upstream timed out (110: Connection timed out) while reading response header from upstream, client: ${order.ip}, server: shop.example, request: "POST /api/checkout HTTP/1.1", upstream: "${host}/api/checkout"`,
    })
  }
  const status = isTimeout ? 504 : 502
  answer(scene, endAt + 3, order, { status, bytes: 167, startedAt })
  say({
    app: 'worker',
    at: endAt + random.int(40, 400),
    level: 'warn',
    message: `Order ${orderId} put back on queue orders.pending, payment unresolved`,
    source: `ForkPoolWorker-${random.int(1, 8)}`,
  })
}

function answer(
  scene: Scene,
  at: number,
  order: Order,
  reply: { status: number; bytes: number; startedAt: number },
): void {
  const agent = scene.random.pick(userAgents)
  const seconds = ((at - reply.startedAt) / 1000).toFixed(3)
  scene.say({
    app: 'frontend',
    at,
    source: 'access',
    message: `${order.ip} - - [${accessTime(at)}] "POST /api/checkout HTTP/1.1" ${reply.status} ${reply.bytes} "https://shop.example/cart" "${agent}" ${seconds} ${order.traceId}`,
  })
}

/** The order is paid: the worker takes it from the queue and shipping makes a label. */
function fulfil(scene: Scene, at: number, order: Order): void {
  const { random, say } = scene
  const child = `ForkPoolWorker-${random.int(1, 8)}`
  const task = random.hex(32).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
  say({
    app: 'worker',
    at,
    message: `Task orders.fulfil[${task}] received for order ${order.id}`,
    source: 'MainProcess',
  })
  const parcel = `PX${random.int(100_000_000, 999_999_999)}`
  const carrier = random.pick(['swiftpost', 'northline', 'parcelo'])
  say({
    app: 'shipping',
    at: at + random.int(40, 200),
    message: `Label created for order ${order.id}: parcel ${parcel} with ${carrier}, trace ${order.traceId}`,
    source: 'shipping.labels',
  })
  const seconds = (random.int(210, 900) / 1000).toFixed(3)
  say({
    app: 'worker',
    at: at + 1000 * Number(seconds),
    message: `Task orders.fulfil[${task}] succeeded in ${seconds}s: '${order.id} ready'`,
    source: child,
  })
}
