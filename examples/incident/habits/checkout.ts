import { customer } from '../people.ts'
import { fixed, type Habit } from './habit.ts'

export const checkoutHabits: readonly Habit[] = [
  {
    app: 'checkout',
    everySeconds: 4,
    message: fixed('cart updated'),
    fields: (random) => ({
      customerId: customer(random),
      items: random.int(1, 6),
      traceId: random.hex(32),
    }),
  },
  {
    app: 'checkout',
    everySeconds: 15,
    message: fixed('health check ok'),
    fields: (random) => ({ path: '/readyz', tookMs: random.int(1, 6) }),
  },
  {
    app: 'checkout',
    everySeconds: 45,
    level: 'debug',
    message: fixed('price rules cache refreshed'),
    fields: (random) => ({ rules: random.int(118, 131), tookMs: random.int(8, 60) }),
  },
  {
    app: 'checkout',
    everySeconds: 130,
    level: 'warn',
    message: fixed('coupon rejected'),
    fields: (random) => ({ coupon: `SPRING${random.int(10, 99)}`, reason: 'expired' }),
  },
]
