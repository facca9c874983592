import { fixed, type Habit } from './habit.ts'

export const databaseHabits: readonly Habit[] = [
  {
    app: 'orders-db',
    everySeconds: 20,
    source: (random) => `${random.int(300, 990)}|orders_app@orders`,
    message: (random) =>
      `duration: ${random.int(260, 940)}.${random.int(100, 999)} ms  statement: select id, state from purchase where customer_id = ${random.int(10_000, 99_999)} order by placed_at desc limit 20`,
  },
  {
    app: 'orders-db',
    everySeconds: 30,
    source: (random) => `${random.int(300, 990)}|[unknown]@[unknown]`,
    message: (random) =>
      `connection received: host=10.42.${random.int(1, 3)}.${random.int(10, 250)} port=${random.int(32_768, 60_999)}`,
  },
  {
    app: 'orders-db',
    everySeconds: 240,
    source: fixed('71|'),
    message: (random) =>
      `automatic vacuum of table "orders.public.cart": index scans: 1, pages: 0 removed, ${random.int(900, 1900)} remain, tuples: ${random.int(200, 900)} removed`,
  },
]
