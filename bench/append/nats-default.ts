// NATS JetStream as it comes: it answers when a message is in the page cache, and flushes every two minutes.
import { natsContender } from './nats-contender.ts'

export const contender = natsContender('NATS JetStream, default', {
  syncInterval: '2m',
  durability: 'no fsync',
})
