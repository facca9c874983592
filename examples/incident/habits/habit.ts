import type { Fields, Level } from '../formats.ts'
import type { App } from '../pods.ts'
import type { Random } from '../random.ts'
import type { Scene } from '../scene.ts'

/** One thing that an app says all the time, about every so many seconds. */
export interface Habit {
  app: App
  everySeconds: number
  level?: Level
  source?: (random: Random) => string
  message: (random: Random, at: number, scene: Scene) => string
  fields?: (random: Random, scene: Scene) => Fields
}

export const fixed = (text: string) => () => text
