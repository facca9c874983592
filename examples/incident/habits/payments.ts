import { customer } from '../people.ts'
import { fixed, type Habit } from './habit.ts'

export const paymentsHabits: readonly Habit[] = [
  {
    app: 'payments',
    everySeconds: 10,
    source: fixed('metrics-1|c.s.payments.PoolStats'),
    message: (random) =>
      `HikariPool-1 - Pool stats (total=20, active=${random.int(1, 9)}, idle=${random.int(9, 15)}, waiting=0)`,
  },
  {
    app: 'payments',
    everySeconds: 50,
    level: 'warn',
    source: (random) => `http-nio-8080-exec-${random.int(1, 40)}|c.s.payments.AuthorizationService`,
    message: (random) =>
      `Card declined by issuer, code ${random.pick([5, 51, 54])}, asking ${customer(random)} for another card`,
  },
  {
    app: 'payments',
    everySeconds: 35,
    source: fixed('GC Thread#0|c.s.payments.GcNotifier'),
    message: (random) =>
      `GC pause (G1 Evacuation Pause) ${random.int(310, 480)}M->${random.int(120, 200)}M ${random.int(3, 19)} ms`,
  },
]
