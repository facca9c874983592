import { type Fields, type Level, logfmt } from './formats.ts'
import { type App, deployments, type Pod, platform, rollOut, services } from './pods.ts'
import type { Random } from './random.ts'
import { timeAt, timeline } from './timeline.ts'

/** What a line counts as in the incident's facts. */
export type Fact =
  | 'order.gaveUp'
  | 'payment.failed'
  | 'write.refused'
  | 'oom.kill'
  | 'volume.80'
  | 'volume.90'
  | 'volume.95'

/** One finished line, not yet a record. */
export interface Line {
  at: number
  pod: Pod
  container: string
  stream: 'stdout' | 'stderr'
  text: string
  fact: Fact | undefined
  /** Parts of the text that no answer may show. */
  secrets: readonly string[]
}

export interface Remark {
  app: App
  /** Milliseconds since the epoch. */
  at: number
  message: string
  /** Default `info`. */
  level?: Level
  fields?: Fields
  source?: string
  /** Default: any pod of the app. */
  pod?: Pod
  /** The line comes from a second container of the pod, which writes logfmt. */
  sidecar?: string
  fact?: Fact
}

/** The stage on which everything happens: who runs where, and what was said. */
export interface Scene {
  readonly random: Random
  readonly lines: Line[]
  /** Milliseconds since the epoch, at `minutes` relative to the incident's end. */
  at(minutes: number): number
  /** Any pod of `app` that runs at that time. */
  podOf(app: App, at: number): Pod
  say(remark: Remark): void
  /** Returns `text`, noted as a secret of the line that is said next. */
  secret(text: string): string
  /** A pod that is down says nothing between the two times. */
  down(pod: Pod, from: number, until: number): void
}

/** An empty stage. Shipping's new rollout takes over at its time; all else runs throughout. */
export function createScene(random: Random, end: Date): Scene {
  const pods = Object.fromEntries(
    [...services, ...platform].map((app) => [app, rollOut(random, app)]),
  ) as Record<App, [Pod, ...Pod[]]>
  const newShipping = rollOut(random, 'shipping', 'shop/shipping:1.21.0')
  const deployedAt = timeAt(end, timeline.shippingDeploy)
  const outages: { pod: Pod; from: number; until: number }[] = []
  const lines: Line[] = []
  let secrets: string[] = []

  const podOf = (app: App, at: number) =>
    random.pick(app === 'shipping' && at >= deployedAt ? newShipping : pods[app])

  return {
    random,
    lines,
    podOf,
    at: (minutes) => timeAt(end, minutes),
    say: ({ app, at, message, level = 'info', fields = {}, source = 'main', ...rest }) => {
      const ownSecrets = secrets
      secrets = []
      const pod = rest.pod ?? podOf(app, at)
      if (outages.some((gap) => gap.pod === pod && at >= gap.from && at < gap.until)) return
      const own = deployments[app]
      const format = rest.sidecar ? logfmt : own.format
      const isNginxError = app === 'frontend' && source === 'error'
      lines.push({
        at,
        pod,
        container: rest.sidecar ?? app,
        stream: isNginxError ? 'stderr' : rest.sidecar ? 'stdout' : own.stream,
        text: format({ at, level, message, fields, source, podName: pod.name }),
        fact: rest.fact,
        secrets: ownSecrets,
      })
    },
    secret: (text) => {
      secrets.push(text)
      return text
    },
    down: (pod, from, until) => outages.push({ pod, from, until }),
  }
}
