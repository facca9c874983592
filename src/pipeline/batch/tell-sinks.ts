import { wait } from '../../base/backoff.ts'
import { messageOf } from '../../base/errors.ts'
import type { Logger } from '../../base/logger.ts'
import type { OpenPipeline } from './open-pipeline.ts'

/** How long a sink may take over what it does after a commit. */
const toldMs = 30_000

/** Tells the sinks of a commit. It is done: what they throw is said, and changes nothing. */
export async function tellSinks(
  deps: { logger: Logger },
  sinks: readonly {
    name: string
    open: Pick<OpenPipeline['sinks'][number]['open'], 'committed'>
  }[],
  place: { stream: string; shard: number; lease: { shardId: number } },
): Promise<void> {
  const { stream, shard, lease } = place
  for (const { name, open } of sinks) {
    const late = new AbortController()
    try {
      await Promise.race([
        open.committed?.({ stream, shard, shardId: lease.shardId }),
        wait(toldMs, late.signal),
      ])
    } catch (error) {
      deps.logger.warn({ sink: name, error: messageOf(error) }, 'sink.not_told')
    } finally {
      late.abort()
    }
  }
}
