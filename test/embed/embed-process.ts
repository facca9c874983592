// A process that embeds: `node embed-process.ts DATABASE_URL SERVER_URL COUNT CLAIM_MS`. It wants the texts `text 0` to
// `text COUNT-1` of the server at SERVER_URL, and prints how many vectors it got.
import { createLogger } from '../../src/base/logger.ts'
import { createPool } from '../../src/db/pool.ts'
import { createCachedEmbedder } from '../../src/embed/cached-embedder.ts'
import { createOpenAiEmbedder } from '../../src/embed/openai/openai-embedder.ts'
import { registerModel } from '../../src/embed/register-model.ts'

const [url = '', baseUrl = '', count = '0', claimMs = '30000'] = process.argv.slice(2)
const pool = createPool({ logger: createLogger({ level: 'silent' }) }, { url, maxConnections: 4 })
const source = await createOpenAiEmbedder({ model: 'test', baseUrl, dimensions: 4, maxRetries: 0 })
const modelId = await registerModel(pool, source)
const embedder = createCachedEmbedder(
  { pool, embedder: source, modelId },
  { claimMs: Number(claimMs) },
)
const texts = Array.from({ length: Number(count) }, (_, index) => `text ${index}`)
const vectors = await embedder.embed(texts)
process.stdout.write(`${vectors.filter((vector) => vector !== null).length}\n`)
await embedder.close()
await pool.end()
