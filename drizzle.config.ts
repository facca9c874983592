import { defineConfig } from 'drizzle-kit'

/** `npm run migration -- --name topic` writes the next file of migrations/; src/db/migrate.ts applies it. */
export default defineConfig({
  dialect: 'postgresql',
  schema: './src/db/schema/*.ts',
  out: './migrations',
  migrations: { schema: 'millrace', table: 'migration' },
})
