import { email, skus } from '../people.ts'
import { fixed, type Habit } from './habit.ts'

export const workerHabits: readonly Habit[] = [
  {
    app: 'worker',
    everySeconds: 8,
    source: (random) => `ForkPoolWorker-${random.int(1, 8)}`,
    message: (random, _at, scene) =>
      `Task mail.receipt[${random.hex(8)}] sent in ${(random.int(80, 400) / 1000).toFixed(3)}s to ${scene.secret(email(random))}`,
  },
  {
    app: 'worker',
    everySeconds: 150,
    level: 'error',
    source: (random) => `ForkPoolWorker-${random.int(1, 8)}`,
    message: (random) =>
      `Task images.thumbnail[${random.hex(8)}] raised OSError('cannot identify image file ${random.pick(skus)}.webp')`,
  },
  {
    app: 'worker',
    everySeconds: 60,
    source: fixed('Beat'),
    message: fixed('Scheduler: Sending due task carts.expire'),
  },
]
