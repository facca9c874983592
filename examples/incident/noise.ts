import { authHabits } from './habits/auth.ts'
import { checkoutHabits } from './habits/checkout.ts'
import { frontendHabits } from './habits/frontend.ts'
import type { Habit } from './habits/habit.ts'
import { inventoryHabits } from './habits/inventory.ts'
import { leaks } from './habits/leaks.ts'
import { databaseHabits } from './habits/orders-db.ts'
import { paymentsHabits } from './habits/payments.ts'
import { platformHabits } from './habits/platform.ts'
import { shippingHabits } from './habits/shipping.ts'
import { workerHabits } from './habits/worker.ts'
import type { Scene } from './scene.ts'
import { timeline } from './timeline.ts'

const habits: readonly Habit[] = [
  ...frontendHabits,
  ...authHabits,
  ...checkoutHabits,
  ...inventoryHabits,
  ...paymentsHabits,
  ...databaseHabits,
  ...workerHabits,
  ...shippingHabits,
  ...platformHabits,
  ...leaks,
]

/** Everything that is said on any day, at irregular intervals from start to end. */
export function makeNoise(scene: Scene): void {
  const { random } = scene
  for (const habit of habits) {
    const { app, everySeconds, level, source, message, fields } = habit
    let at = scene.at(timeline.start) + random.next() * everySeconds * 1000
    while (at < scene.at(timeline.end)) {
      const now = Math.floor(at)
      scene.say({
        app,
        at: now,
        message: message(random, now, scene),
        ...(level && { level }),
        ...(source && { source: source(random) }),
        ...(fields && { fields: fields(random, scene) }),
      })
      at += everySeconds * 1000 * (0.5 + random.next())
    }
  }
}
