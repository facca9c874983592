/** When things happen, in minutes relative to the incident's `end`. Causes come before their effects. */
export const timeline = {
  start: -30,
  /** The analytics follower drops off; its replication slot keeps the write-ahead log. */
  followerLost: -28.5,
  /** Red herring: lookups fail for 40 seconds, then recover by themselves. */
  dnsBlip: -26.5,
  dnsRecovered: -25.8,
  /** Red herring: a certificate that still has six days. */
  certificateWarning: -24,
  volume80: -22,
  /** Red herring: an ordinary rollout of shipping. */
  shippingDeploy: -19.5,
  volume90: -17,
  volume95: -14,
  /** The volume is full: from here on most writes are refused, and payments fail with them. */
  writesRefused: -12,
  /** Checkout's retries use up its time limit. */
  checkoutTimeouts: -11,
  queueGrows: -10,
  /** The first pod dies of what it holds in memory; three more follow. */
  firstOomKill: -6,
  end: 0,
} as const

/** Milliseconds since the epoch, at `minutes` relative to `end`. */
export function timeAt(end: Date, minutes: number): number {
  return end.getTime() + Math.round(minutes * 60_000)
}
