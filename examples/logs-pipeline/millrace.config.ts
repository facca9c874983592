// In a project of your own: import ... from 'millrace'
import {
  defineConfig,
  definePipeline,
  embed,
  index,
  parse,
  pattern,
  redact,
} from '../../src/index.ts'

/** The built-in logs pipeline, written out: change a step, and `millrace ask` answers from what your steps made. */
const logs = definePipeline({
  name: 'logs',
  streams: 'all',
  batch: { records: 2_000, bytes: 4 * 1024 * 1024 },
})
  .step(parse())
  .step(redact())
  .step(pattern())
  .step(embed())
  .to(index())

export default defineConfig({ pipelines: [logs] })
