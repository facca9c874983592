import type { Scene } from './scene.ts'
import { timeline } from './timeline.ts'

/** Three things that look like causes and are not: they are over, or far from the failing part. */
export function makeRedHerrings(scene: Scene): void {
  dnsBlip(scene)
  certificateWarnings(scene)
  shippingDeploy(scene)
}

function dnsBlip(scene: Scene): void {
  const until = scene.at(timeline.dnsRecovered)
  const upstream = 'warehouse-feed.example'
  let attempt = 1
  for (let at = scene.at(timeline.dnsBlip); at < until; at += scene.random.int(1500, 4000)) {
    scene.say({
      app: 'inventory',
      at,
      level: 'error',
      message: 'warehouse feed failed',
      fields: {
        err: `dial tcp: lookup ${upstream} on 10.43.0.10:53: server misbehaving`,
        attempt: attempt++,
      },
    })
  }
  scene.say({
    app: 'inventory',
    at: until,
    message: 'warehouse feed recovered',
    fields: { upstream, attempts: attempt },
  })
}

function certificateWarnings(scene: Scene): void {
  for (let minute = timeline.certificateWarning; minute < timeline.end; minute += 10) {
    scene.say({
      app: 'auth',
      at: scene.at(minute),
      level: 'warn',
      source: 'tls.go:212',
      message: 'TLS certificate expires soon',
      fields: { host: 'sso.shop.example', daysLeft: 6, issuer: 'internal-ca' },
    })
  }
}

function shippingDeploy(scene: Scene): void {
  const at = scene.at(timeline.shippingDeploy)
  const events = { app: 'event-exporter', source: 'events' } as const
  scene.say({
    ...events,
    at: at - 21_000,
    message: 'Scaled up replica set of shipping to 1.21.0',
    fields: { reason: 'ScalingReplicaSet', kind: 'Deployment', namespace: 'shop' },
  })
  scene.say({
    app: 'shipping',
    at: at + 400,
    source: 'shipping.main',
    message: 'Starting shipping 1.21.0, 14 carriers configured',
  })
  scene.say({
    app: 'shipping',
    at: at + 900,
    level: 'warn',
    source: 'shipping.config',
    message: 'Option LABEL_DPI is deprecated, use LABEL_RESOLUTION',
  })
  scene.say({
    ...events,
    at: at + 6000,
    message: 'Deployment shipping has successfully progressed',
    fields: { reason: 'NewReplicaSetAvailable', kind: 'Deployment', namespace: 'shop' },
  })
}
