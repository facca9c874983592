import type { App } from './pods.ts'
import type { Scene } from './scene.ts'
import { timeline } from './timeline.ts'

/** The chain of causes, apart from what each order meets on its way. */
export function makeTrouble(scene: Scene): void {
  killPods(scene)
  loseFollower(scene)
  fillVolume(scene)
  checkpoint(scene)
  growQueue(scene)
}

/** Must come first: a pod that is down says nothing. */
function killPods(scene: Scene): void {
  const first = scene.at(timeline.firstOomKill)
  killPod(scene, first, { app: 'worker', command: 'celery', limitMiB: 512 })
  killPod(scene, first + 95_000, { app: 'checkout', command: 'node', limitMiB: 384 })
  killPod(scene, first + 170_000, { app: 'worker', command: 'celery', limitMiB: 512 })
  killPod(scene, first + 260_000, { app: 'checkout', command: 'node', limitMiB: 384 })
}

function killPod(
  scene: Scene,
  at: number,
  victim: { app: App; command: string; limitMiB: number },
): void {
  const { random, say } = scene
  const { app, command, limitMiB } = victim
  const pod = scene.podOf(app, at)
  const process = `${random.int(10_000, 60_000)} (${command})`
  const rssKiB = limitMiB * 1024 - random.int(900, 4000)
  const node = { app: 'node-problem-detector', level: 'warn' } as const
  say({
    ...node,
    at: at - 40,
    source: 'kmsg_parser.go:52',
    message: `kernel: ${command} invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=984`,
  })
  say({
    ...node,
    at,
    source: 'kmsg_parser.go:52',
    message: `kernel: Memory cgroup out of memory: Killed process ${process} total-vm:${rssKiB * 3}kB, anon-rss:${rssKiB}kB, file-rss:0kB, shmem-rss:0kB, UID:1000 pgtables:${random.int(900, 1600)}kB oom_score_adj:984`,
    fact: 'oom.kill',
  })
  const event = { app: 'event-exporter', source: 'events' } as const
  const fields = { kind: 'Pod', namespace: 'shop', name: pod.name, node: pod.host }
  say({
    ...event,
    at: at + 700,
    level: 'warn',
    message: `Container ${app} was OOM-killed: exit code 137, memory limit ${limitMiB}Mi`,
    fields: { reason: 'OOMKilled', ...fields },
  })
  say({
    ...event,
    at: at + 1900,
    level: 'warn',
    message: `Back-off restarting failed container ${app}`,
    fields: { reason: 'BackOff', ...fields },
  })
  say({
    ...event,
    at: at + 11_500,
    message: `Started container ${app}`,
    fields: { reason: 'Started', ...fields },
  })
  scene.down(pod, at, at + 12_000)
  say({ app, pod, at: at + 12_400, message: `${app} started, waiting for work` })
}

function loseFollower(scene: Scene): void {
  const at = scene.at(timeline.followerLost)
  const walsender = { app: 'orders-db', source: '118|analytics@[unknown]' } as const
  scene.say({
    ...walsender,
    at,
    message: 'terminating walsender process due to replication timeout',
  })
  for (let minute = timeline.followerLost + 2; minute < timeline.end; minute += 4) {
    const retained = Math.round(6 + (minute - timeline.followerLost) * 1.9)
    scene.say({
      app: 'orders-db',
      at: scene.at(minute),
      level: 'warn',
      sidecar: 'volume-watch',
      message: 'replication slot is inactive and retains WAL',
      fields: { slot: 'analytics_cdc', retained_gib: Math.min(retained, 38) },
    })
  }
}

const thresholds = [
  { percent: 80, minute: timeline.volume80, fact: 'volume.80' },
  { percent: 90, minute: timeline.volume90, fact: 'volume.90' },
  { percent: 95, minute: timeline.volume95, fact: 'volume.95' },
] as const

/** How full the database's volume is: straight lines between the points of the time line. */
export function volumePercent(minute: number): number {
  const points = [
    { minute: timeline.start, percent: 62 },
    ...thresholds,
    { minute: timeline.writesRefused, percent: 100 },
  ]
  for (const [index, to] of points.entries()) {
    const from = points[index - 1]
    if (from === undefined || minute > to.minute) continue
    const share = (minute - from.minute) / (to.minute - from.minute)
    return from.percent + share * (to.percent - from.percent)
  }
  return 100
}

function fillVolume(scene: Scene): void {
  const watch = { app: 'orders-db', sidecar: 'volume-watch' } as const
  const volume = { volume: 'orders-db-data', mount: '/var/lib/postgresql' }
  for (let minute = timeline.start + 0.1; minute < timeline.end; minute += 0.25) {
    const used = volumePercent(minute)
    const isFull = used >= 100
    scene.say({
      ...watch,
      at: scene.at(minute),
      level: isFull ? 'error' : 'info',
      message: isFull ? 'volume is full' : 'volume usage',
      fields: {
        ...volume,
        used_percent: used.toFixed(1),
        free_mib: Math.round((100 - used) * 512),
      },
    })
  }
  for (const { percent, minute, fact } of thresholds) {
    scene.say({
      ...watch,
      at: scene.at(minute),
      level: 'warn',
      message: `volume usage is above ${percent} %`,
      fields: { ...volume, used_percent: percent, growth_mib_per_min: 1150 },
      fact,
    })
  }
}

function checkpoint(scene: Scene): void {
  const { random, say } = scene
  for (let minute = timeline.start + 0.5; minute < timeline.end; minute += 1.5) {
    const at = scene.at(minute)
    const db = { app: 'orders-db', source: '68|' } as const
    say({ ...db, at, message: 'checkpoint starting: time' })
    const seconds = random.int(12, 40)
    const isFull = minute >= timeline.writesRefused
    say({
      ...db,
      at: at + seconds * 1000,
      level: isFull ? 'error' : 'info',
      message: isFull
        ? 'could not write to file "pg_logical/replorigin_checkpoint.tmp": No space left on device'
        : `checkpoint complete: wrote ${random.int(900, 4200)} buffers (5.1%); 0 WAL file(s) added, 0 removed, 0 recycled; write=${seconds}.0${random.int(10, 99)} s, sync=0.0${random.int(10, 99)} s`,
    })
  }
}

/** The worker reports its queue; from `queueGrows` on the backlog only rises. */
function growQueue(scene: Scene): void {
  const { random, say } = scene
  for (let minute = timeline.start + 0.05; minute < timeline.end; minute += 0.2) {
    const late = Math.max(0, minute - timeline.queueGrows)
    const depth = Math.round(random.int(2, 14) + late * 160)
    const isLong = depth > 200
    say({
      app: 'worker',
      at: scene.at(minute),
      level: isLong ? 'warn' : 'info',
      source: 'MainProcess',
      message: isLong
        ? `Queue orders.pending is growing: depth ${depth}, oldest message ${Math.round(late * 50)} s`
        : `Queue orders.pending depth ${depth}`,
    })
  }
}
