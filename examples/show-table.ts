import { createLogger, loadConfig, openDatabase } from '../src/index.ts'

// Prints a table's first rows: node examples/show-table.ts TABLE [ROWS]
const [table = '', rows = '20'] = process.argv.slice(2)
const config = loadConfig()
const logger = createLogger({ level: config.logLevel })
await using database = await openDatabase({ logger }, config)
const result = await database.pool.query(
  `select * from ${table.replaceAll(/[^\w.]/g, '')} order by 1, 2 limit $1`,
  [Number(rows)],
)
console.table(result.rows)
