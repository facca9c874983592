import { clientIp, customer, email } from '../people.ts'
import { fixed, type Habit } from './habit.ts'

export const authHabits: readonly Habit[] = [
  {
    app: 'auth',
    everySeconds: 1.8,
    source: fixed('session.go:141'),
    message: fixed('Session refreshed'),
    fields: (random) => ({ subject: customer(random), traceID: random.hex(32) }),
  },
  {
    app: 'auth',
    everySeconds: 25,
    source: fixed('login.go:57'),
    message: fixed('Login succeeded'),
    fields: (random, scene) => ({
      user: scene.secret(email(random)),
      remote: clientIp(random),
      method: 'password',
    }),
  },
  {
    app: 'auth',
    everySeconds: 70,
    level: 'warn',
    source: fixed('login.go:63'),
    message: fixed('Login rejected: wrong password'),
    fields: (random, scene) => ({
      user: scene.secret(email(random)),
      remote: clientIp(random),
      failures: random.int(1, 3),
    }),
  },
  {
    app: 'auth',
    everySeconds: 300,
    source: fixed('keys.go:30'),
    message: fixed('Signing keys reloaded'),
    fields: (random) => ({ kid: random.hex(16), keys: 3 }),
  },
]
