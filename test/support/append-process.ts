// A writer in a process of its own: `node append-process.ts URL STREAM WRITER SECONDS`. It appends as fast as its acks
// come and prints one line a record that was acknowledged: shard, sequence number, text.
import { createLogger } from '../../src/base/logger.ts'
import { createPool } from '../../src/db/pool.ts'
import { createProducer } from '../../src/log/producer.ts'

const [url = '', stream = '', writer = '', seconds = '1'] = process.argv.slice(2)
const logger = createLogger({ level: 'warn' })
const pool = createPool({ logger }, { url, maxConnections: 4 })
const producer = createProducer({ pool, logger }, { lanes: 2 })
const until = performance.now() + Number(seconds) * 1000

const write = async (lane: number) => {
  for (let count = 0; performance.now() < until; ) {
    const records = Array.from({ length: 1 + (count % 7) }, (_, index) => ({
      partitionKey: `${writer}.${lane}`,
      data: Buffer.from(`${writer}.${lane}.${count + index}`),
    }))
    count += records.length
    const results = await producer.put(stream, records)
    const acked = results.map((result, index) => {
      if (!result.ok) throw result.error
      return `${result.shard} ${result.sequence} ${records[index]?.data}\n`
    })
    process.stdout.write(acked.join(''))
  }
}

await Promise.all([0, 1, 2].map(write))
await producer.stop()
await pool.end()
