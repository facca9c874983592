import { deployments, type Pod } from './pods.ts'

/** A container's line as Fluent Bit's kubernetes filter sends it. */
export interface FluentBitRecord {
  /** Seconds since the epoch, with milliseconds: Fluent Bit's own time key. */
  date: number
  /** The line as written, its newline included. */
  log: string
  stream: 'stdout' | 'stderr'
  /** ISO 8601, nanoseconds, UTC. */
  time: string
  kubernetes: {
    pod_name: string
    namespace_name: string
    pod_id: string
    pod_ip: string
    host: string
    container_name: string
    container_image: string
    labels: Record<string, string>
  }
}

/** The record of one `text` that `container` of `pod` wrote `at` (milliseconds since the epoch). */
export function toRecord(
  pod: Pod,
  line: { at: number; text: string; stream: 'stdout' | 'stderr'; container: string },
): FluentBitRecord {
  const { namespace } = deployments[pod.app]
  return {
    date: line.at / 1000,
    log: `${line.text}\n`,
    stream: line.stream,
    time: new Date(line.at).toISOString().replace('Z', '000000Z'),
    kubernetes: {
      pod_name: pod.name,
      namespace_name: namespace,
      pod_id: pod.id,
      pod_ip: pod.ip,
      host: pod.host,
      container_name: line.container,
      container_image: pod.image,
      labels: { app: pod.app, 'app.kubernetes.io/part-of': namespace },
    },
  }
}
