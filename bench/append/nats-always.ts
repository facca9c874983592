// NATS JetStream that flushes each message before it answers.
import { natsContender } from './nats-contender.ts'

export const contender = natsContender('NATS JetStream, sync always', {
  syncInterval: 'always',
  durability: 'fsync before ack',
})
