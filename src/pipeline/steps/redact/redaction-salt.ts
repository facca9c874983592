import { eq } from 'drizzle-orm'
import { drizzle } from 'drizzle-orm/node-postgres'
import type { Pool } from 'pg'
import { MillraceError } from '../../../base/errors.ts'
import { setting } from '../../../db/schema/pipeline.ts'

/** This database's own salt, made with its schema: equal secrets have equal placeholders here and nowhere else. */
export async function readRedactionSalt(deps: { pool: Pool }): Promise<string> {
  const [row] = await drizzle(deps.pool)
    .select({ value: setting.value })
    .from(setting)
    .where(eq(setting.name, 'redaction_salt'))
  if (!row) throw new MillraceError('internal', 'millrace.setting has lost its redaction_salt')
  return row.value
}
