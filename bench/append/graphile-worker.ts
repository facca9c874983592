// graphile-worker: a put is one addJobs of 500 jobs (its bulk insert), 4 task identifiers, a pool of 4. No job queue names:
// those would serialise the jobs and cost a lookup each.
import { type Contender, slots } from './contender.ts'
import { payloadOf } from './payload.ts'
import { loadPeer, peerVersion } from './peers.ts'
import { postgresStore } from './postgres-store.ts'

interface WorkerUtils {
  migrate(): Promise<void>
  addJobs(specs: { identifier: string; payload: object }[]): Promise<unknown>
  release(): Promise<void>
}
interface GraphileWorker {
  Logger: new (factory: () => () => void) => object
  makeWorkerUtils(options: {
    connectionString: string
    maxPoolSize: number
    logger: object
  }): Promise<WorkerUtils>
}

function open(url: string): Promise<WorkerUtils> {
  const { Logger, makeWorkerUtils } = loadPeer<GraphileWorker>('graphile-worker')
  const logger = new Logger(() => () => undefined)
  return makeWorkerUtils({ connectionString: url, maxPoolSize: slots, logger })
}

export const contender: Contender = {
  name: 'graphile-worker',
  role: 'peer',
  durability: 'fsync before ack',
  prepare: (setting) =>
    postgresStore(setting, 'graphile_worker', async (_client, url) => {
      const version = await peerVersion('graphile-worker')
      const utils = await open(url)
      await utils.migrate().finally(() => utils.release())
      return { 'graphile-worker': version }
    }),
  connect: async (url) => {
    const utils = await open(url)
    return {
      put: async (slot, batch) => {
        const identifier = `queue_${slot}`
        await utils.addJobs(batch.map((line) => ({ identifier, payload: payloadOf(line) })))
      },
      close: () => utils.release(),
    }
  },
}
