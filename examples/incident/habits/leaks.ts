import { bearerToken, email, testCards } from '../people.ts'
import { fixed, type Habit } from './habit.ts'

/** What should never have been logged; every one of them is noted with the scene. */
export const leaks: readonly Habit[] = [
  {
    app: 'checkout',
    everySeconds: 200,
    level: 'debug',
    message: (random, _at, scene) =>
      `outgoing request GET /v2/rates authorization: Bearer ${scene.secret(bearerToken(random))}`,
  },
  {
    app: 'payments',
    everySeconds: 230,
    level: 'warn',
    source: fixed('http-nio-8080-exec-3|c.s.payments.LegacyFormParser'),
    message: (random, _at, scene) =>
      `Form field was not tokenised: number=${scene.secret(random.pick(testCards))} name=${scene.secret(email(random))}`,
  },
  {
    app: 'shipping',
    everySeconds: 400,
    level: 'warn',
    source: fixed('shipping.db'),
    message: (random, _at, scene) =>
      `Reconnecting to postgres://shipping:${scene.secret(`hunter-${random.hex(8)}`)}@orders-db:5432/orders`,
  },
]
