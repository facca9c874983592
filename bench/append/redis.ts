// Redis streams: 4 streams, one connection each, a put is one MULTI of 500 XADD with the key and the line. The server writes
// its append-only file and flushes it before it answers (appendfsync always), for all four connections at once. A pipeline
// without MULTI reaches the server in pieces, each with a flush of its own: 86,000 records/s instead of 132,000, and npm's
// ioredis was slower than redis (132,000 instead of 172,000). No snapshots and no rewrites of the file meanwhile, which is
// to its advantage.
import { type Contender, slots } from './contender.ts'
import { capture, debianPeer, loadPeer, peerVersion } from './peers.ts'
import { startServer } from './server.ts'

interface RedisClient {
  connect(): Promise<unknown>
  multi(): Multi
  close(): Promise<unknown>
}
interface Multi {
  addCommand(args: (string | Buffer)[]): Multi
  /** Fails when one of its commands did. */
  exec(): Promise<unknown>
}
interface RedisModule {
  createClient(options: { url: string }): RedisClient & {
    on(event: 'error', listener: () => void): void
  }
}

const peer = '@redis/client'

export const contender: Contender = {
  name: 'Redis streams',
  role: 'peer',
  durability: 'fsync before ack',
  prepare: async (setting) => {
    const client = await peerVersion(peer)
    const packages = ['redis-tools', 'libjemalloc2', 'liblzf1', 'libatomic1']
    const root = await debianPeer(setting, 'redis', packages)
    const binary = `${root}/usr/bin/redis-check-rdb`
    const triplet = process.arch === 'arm64' ? 'aarch64-linux-gnu' : 'x86_64-linux-gnu'
    // Debian's redis-server is a link to this program of redis-tools, which goes by the name it is called by.
    const run = ['env', `LD_LIBRARY_PATH=${root}/usr/lib/${triplet}`]
    const named = (...args: string[]) => [
      'bash',
      '-c',
      'exec -a redis-server "$@"',
      '-',
      binary,
      ...args,
    ]
    const [command = '', ...args] = [...run, ...named('--version')]
    const version = /v=(\S+)/.exec(await capture(command, args, setting.signal))?.[1] ?? ''
    const server = await startServer(
      ({ port, dir }) => [
        ...run,
        ...named('--bind', '127.0.0.1', '--port', String(port), '--dir', dir),
        ...['--appendonly', 'yes', '--appendfsync', 'always', '--save', ''],
        ...['--auto-aof-rewrite-percentage', '0'],
      ],
      setting.signal,
    )
    return {
      url: `redis://127.0.0.1:${server.port}`,
      serverPid: server.pid,
      versions: { Redis: `${version} (${peer} ${client})` },
      storedBytes: server.storedBytes,
      dispose: server.dispose,
    }
  },
  connect: async (url) => {
    const { createClient } = loadPeer<RedisModule>(peer)
    const clients = Array.from({ length: slots }, () => {
      const client = createClient({ url })
      client.on('error', () => undefined)
      return client
    })
    await Promise.all(clients.map((client) => client.connect()))
    return {
      put: async (slot, batch) => {
        const multi = clients[slot]?.multi()
        for (const { partitionKey, data } of batch)
          multi?.addCommand(['XADD', `stream:${slot}`, '*', 'key', partitionKey, 'data', data])
        await multi?.exec()
      },
      close: async () => {
        await Promise.all(clients.map((client) => client.close()))
      },
    }
  },
}
