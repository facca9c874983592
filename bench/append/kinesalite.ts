// kinesalite, the usual stand-in for Kinesis in tests: its LevelDB in a folder, never flushed before it answers. A put is
// one PutRecords of 500 with the AWS SDK over HTTP, a stream of 4 shards.
import { wait } from '../../src/base/backoff.ts'
import { type Contender, slots } from './contender.ts'
import { loadPeer, peerFile, peerVersion } from './peers.ts'
import { startServer } from './server.ts'

interface KinesisClient {
  send(command: object): Promise<{
    FailedRecordCount?: number
    StreamDescription?: { StreamStatus?: string }
  }>
  destroy(): void
}
interface KinesisModule {
  KinesisClient: new (options: object) => KinesisClient
  CreateStreamCommand: new (input: { StreamName: string; ShardCount: number }) => object
  DescribeStreamCommand: new (input: { StreamName: string }) => object
  PutRecordsCommand: new (input: {
    StreamName: string
    Records: { PartitionKey: string; Data: Uint8Array }[]
  }) => object
}
interface NodeHttp {
  NodeHttpHandler: new () => object
}

const peer = '@aws-sdk/client-kinesis'
const stream = 'bench-append'

function open(url: string): KinesisClient {
  const { KinesisClient } = loadPeer<KinesisModule>(peer)
  // The SDK speaks HTTP/2 to Kinesis, kinesalite HTTP/1.1.
  const { NodeHttpHandler } = loadPeer<NodeHttp>('@smithy/node-http-handler')
  return new KinesisClient({
    endpoint: url,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' },
    requestHandler: new NodeHttpHandler(),
  })
}

export const contender: Contender = {
  name: 'kinesalite',
  role: 'peer',
  durability: 'no fsync',
  prepare: async (setting) => {
    const [version, sdk] = await Promise.all([peerVersion('kinesalite'), peerVersion(peer)])
    const server = await startServer(
      ({ port, dir }) => [
        process.execPath,
        ...[peerFile('kinesalite/cli.js'), '--port', String(port), '--path', `${dir}/store`],
        ...['--createStreamMs', '0'],
      ],
      setting.signal,
    )
    const url = `http://127.0.0.1:${server.port}`
    const client = open(url)
    try {
      const { CreateStreamCommand, DescribeStreamCommand } = loadPeer<KinesisModule>(peer)
      await client.send(new CreateStreamCommand({ StreamName: stream, ShardCount: slots }))
      for (let attempt = 0; ; attempt += 1) {
        const found = await client.send(new DescribeStreamCommand({ StreamName: stream }))
        if (found.StreamDescription?.StreamStatus === 'ACTIVE') break
        if (attempt === 50) throw new Error('its stream did not become active')
        await wait(100)
      }
    } catch (error) {
      await server.dispose()
      throw error
    } finally {
      client.destroy()
    }
    return {
      url,
      serverPid: server.pid,
      versions: { kinesalite: `${version} (${peer} ${sdk})` },
      storedBytes: server.storedBytes,
      dispose: server.dispose,
    }
  },
  connect: async (url) => {
    const client = open(url)
    const { PutRecordsCommand } = loadPeer<KinesisModule>(peer)
    return {
      put: async (_slot, batch) => {
        const result = await client.send(
          new PutRecordsCommand({
            StreamName: stream,
            Records: batch.map(({ partitionKey, data }) => ({
              PartitionKey: partitionKey,
              Data: data,
            })),
          }),
        )
        if (result.FailedRecordCount) throw new Error(`${result.FailedRecordCount} records failed`)
      },
      close: async () => client.destroy(),
    }
  },
}
