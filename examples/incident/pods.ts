import type { Format } from './formats.ts'
import { celery, glog, klog, log4j, logfmt, nginx, pino, postgres, python, zap } from './formats.ts'
import type { Random } from './random.ts'

/** The shop, in the order of a request's way through it. */
export const services = [
  'frontend',
  'auth',
  'checkout',
  'inventory',
  'payments',
  'orders-db',
  'worker',
  'shipping',
] as const
export type Service = (typeof services)[number]

/** What runs beside the shop on its nodes. */
export const platform = ['node-problem-detector', 'event-exporter'] as const
export type App = Service | (typeof platform)[number]

interface Deployment {
  namespace: 'shop' | 'kube-system'
  image: string
  replicas: number
  format: Format
  /** Where its logger writes. nginx writes accesses to stdout, errors to stderr. */
  stream: 'stdout' | 'stderr'
  /** A StatefulSet's pods are numbered; a Deployment's carry a hash. */
  numbered?: true
}

/** Every app with its own logger: the formats differ as they do where teams choose for themselves. */
export const deployments: Record<App, Deployment> = {
  frontend: {
    namespace: 'shop',
    image: 'nginx:1.29',
    replicas: 3,
    format: nginx,
    stream: 'stdout',
  },
  auth: {
    namespace: 'shop',
    image: 'shop/auth:4.2.0',
    replicas: 2,
    format: klog,
    stream: 'stderr',
  },
  checkout: {
    namespace: 'shop',
    image: 'shop/checkout:7.11.3',
    replicas: 3,
    format: pino,
    stream: 'stdout',
  },
  inventory: {
    namespace: 'shop',
    image: 'shop/inventory:2.8.1',
    replicas: 2,
    format: logfmt,
    stream: 'stdout',
  },
  payments: {
    namespace: 'shop',
    image: 'shop/payments:5.0.9',
    replicas: 3,
    format: log4j,
    stream: 'stdout',
  },
  'orders-db': {
    namespace: 'shop',
    image: 'postgres:18',
    replicas: 1,
    format: postgres,
    stream: 'stderr',
    numbered: true,
  },
  worker: {
    namespace: 'shop',
    image: 'shop/worker:3.1.4',
    replicas: 3,
    format: celery,
    stream: 'stderr',
  },
  shipping: {
    namespace: 'shop',
    image: 'shop/shipping:1.20.0',
    replicas: 2,
    format: python,
    stream: 'stderr',
  },
  'node-problem-detector': {
    namespace: 'kube-system',
    image: 'node-problem-detector:1.34',
    replicas: 3,
    format: glog,
    stream: 'stderr',
  },
  'event-exporter': {
    namespace: 'kube-system',
    image: 'event-exporter:1.8',
    replicas: 1,
    format: zap,
    stream: 'stderr',
  },
}

export interface Pod {
  app: App
  name: string
  id: string
  host: string
  ip: string
  image: string
}

/** One rollout of `app`: all its pods share a template hash, and are spread over three nodes. */
export function rollOut(random: Random, app: App, image = deployments[app].image): [Pod, ...Pod[]] {
  const { replicas, numbered } = deployments[app]
  const template = random.hex(9)
  const one = (index: number): Pod => {
    const node = index % 3
    const id = random.hex(32).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
    const ip = `10.42.${node + 1}.${random.int(10, 250)}`
    const name = numbered ? `${app}-${index}` : `${app}-${template}-${random.hex(5)}`
    return { app, name, id, host: `node-${node + 1}`, ip, image }
  }
  const others = Array.from({ length: replicas - 1 }, (_, index) => one(index + 1))
  return [one(0), ...others]
}
