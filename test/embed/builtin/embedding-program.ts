import { createLogger } from '../../../src/base/logger.ts'
import { createBuiltinEmbedder } from '../../../src/embed/builtin/builtin-embedder.ts'

/** A program that embeds for ever, to be killed. */
const embedder = createBuiltinEmbedder({ logger: createLogger({ level: 'info' }) }, { threads: 1 })
for (;;) await embedder.embed(['a text', 'another text'])
