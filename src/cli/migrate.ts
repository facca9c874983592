import type { Command } from 'commander'
import { withSession } from './session.ts'

export function registerMigrate(program: Command): void {
  program
    .command('migrate')
    .description('create or update the schema (every other command does it too)')
    .addHelpText('after', '\nExample:\n  DATABASE_URL=postgres://localhost/logs millrace migrate')
    .action(() =>
      withSession(async ({ database }) => {
        const { rows } = await database.pool.query<{ count: number }>(
          'select count(*)::int as count from millrace.migration',
        )
        console.log(`schema is up to date: ${rows[0]?.count ?? 0} migrations (${database.engine})`)
      }),
    )
}
