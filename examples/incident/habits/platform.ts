import { fixed, type Habit } from './habit.ts'

export const platformHabits: readonly Habit[] = [
  {
    app: 'node-problem-detector',
    everySeconds: 60,
    source: fixed('plugin_manager.go:104'),
    message: (random) => `Plugin check done: ntp offset ${random.int(1, 40)} ms, status OK`,
  },
  {
    app: 'event-exporter',
    everySeconds: 45,
    source: fixed('events'),
    message: (random) =>
      `Completed scale evaluation of ${random.pick(['frontend', 'inventory', 'auth'])}`,
    fields: () => ({
      reason: 'SuccessfulEvaluation',
      kind: 'HorizontalPodAutoscaler',
      namespace: 'shop',
    }),
  },
]
