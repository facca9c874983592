import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Contender, slots } from './contender.ts'
import { capture, debianPeer, loadPeer, peerVersion } from './peers.ts'
import { startServer } from './server.ts'

interface Connection {
  close(): Promise<void>
}
interface TransportNode {
  connect(options: { servers: string }): Promise<Connection>
}
interface JetStream {
  jetstream(connection: Connection): {
    publish(subject: string, data: Uint8Array, options: { timeout: number }): Promise<unknown>
  }
  jetstreamManager(connection: Connection): Promise<{
    streams: {
      add(options: { name: string; subjects: string[]; storage: 'file' }): Promise<unknown>
    }
  }>
}

const connect = (url: string) =>
  loadPeer<TransportNode>('@nats-io/transport-node').connect({ servers: url })

/**
 * NATS JetStream, files, 4 streams, one connection each: a put is 500 publishes under way together and their 500 acks
 * (this server has no batch publish; that came with 2.12). The line alone is stored, without its key.
 */
export function natsContender(
  name: string,
  options: { syncInterval: string; durability: Contender['durability'] },
): Contender {
  return {
    name,
    role: 'peer',
    durability: options.durability,
    prepare: async (setting) => {
      const client = await peerVersion('@nats-io/jetstream')
      // Bookworm's 2.9 cannot flush before it answers.
      const root = await debianPeer(setting, 'nats', ['nats-server/trixie'])
      const binary = `${root}/usr/sbin/nats-server`
      const version = (await capture(binary, ['--version'], setting.signal)).trim().split(' v')[1]
      const server = await startServer(async ({ port, dir }) => {
        const file = join(dir, 'nats.conf')
        await writeFile(
          file,
          `listen: "127.0.0.1:${port}"
jetstream { store_dir: "${join(dir, 'store')}", sync_interval: ${options.syncInterval} }
`,
        )
        return [binary, '--config', file]
      }, setting.signal)
      const url = `nats://127.0.0.1:${server.port}`
      try {
        const connection = await connect(url)
        const { jetstreamManager } = loadPeer<JetStream>('@nats-io/jetstream')
        const { streams } = await jetstreamManager(connection)
        for (let slot = 0; slot < slots; slot += 1)
          await streams.add({ name: `s${slot}`, subjects: [`lines.${slot}`], storage: 'file' })
        await connection.close()
      } catch (error) {
        await server.dispose()
        throw error
      }
      return {
        url,
        serverPid: server.pid,
        versions: { NATS: `${version} (@nats-io/jetstream ${client})` },
        storedBytes: server.storedBytes,
        dispose: server.dispose,
      }
    },
    connect: async (url) => {
      const { jetstream } = loadPeer<JetStream>('@nats-io/jetstream')
      const connections = await Promise.all(Array.from({ length: slots }, () => connect(url)))
      const streams = connections.map((connection) => jetstream(connection))
      return {
        put: async (slot, batch) => {
          // 2,000 flushes may wait before one: far more than the 5 s of the default.
          await Promise.all(
            batch.map((line) =>
              streams[slot]?.publish(`lines.${slot}`, line.data, { timeout: 60_000 }),
            ),
          )
        },
        close: async () => {
          await Promise.all(connections.map((connection) => connection.close()))
        },
      }
    },
  }
}
