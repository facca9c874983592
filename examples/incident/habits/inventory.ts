import { skus } from '../people.ts'
import { fixed, type Habit } from './habit.ts'

export const inventoryHabits: readonly Habit[] = [
  {
    app: 'inventory',
    everySeconds: 2.2,
    level: 'debug',
    message: fixed('stock level read'),
    fields: (random) => ({
      sku: random.pick(skus),
      cache: random.pick(['hit', 'hit', 'miss']),
      duration: `${random.int(1, 9)}ms`,
    }),
  },
  {
    app: 'inventory',
    everySeconds: 60,
    message: fixed('warehouse feed imported'),
    fields: (random) => ({ rows: random.int(180, 420), duration: `${random.int(300, 900)}ms` }),
  },
  {
    app: 'inventory',
    everySeconds: 110,
    level: 'warn',
    message: fixed('stock is low'),
    fields: (random) => ({ sku: random.pick(skus), left: random.int(0, 5) }),
  },
]
