import { fixed, type Habit } from './habit.ts'

export const shippingHabits: readonly Habit[] = [
  {
    app: 'shipping',
    everySeconds: 6,
    source: fixed('shipping.tracking'),
    message: (random) =>
      `Parcel PX${random.int(100_000_000, 999_999_999)} is now ${random.pick(['in transit', 'at depot', 'out for delivery'])}`,
  },
  {
    app: 'shipping',
    everySeconds: 80,
    level: 'warn',
    source: fixed('shipping.carriers'),
    message: (random) =>
      `Carrier ${random.pick(['swiftpost', 'northline', 'parcelo'])} answered slowly: ${random.int(1200, 2900)} ms`,
  },
]
