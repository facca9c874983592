import type { Pool } from 'pg'
import { MillraceError } from '../base/errors.ts'
import { toMillraceError } from '../db/sqlstate.ts'

/**
 * The number under which an embedder's vectors are stored, the same for one id in every process and for ever.
 * Fails with `conflict` when the id was registered with other dimensions.
 *
 * Reads, writes: embedding_model. Locks: the new row's. Order: look, insert, look again; the second look is a new
 * statement, so it sees the row of whoever was faster.
 */
export async function registerModel(
  pool: Pool,
  embedder: { id: string; dimensions: number },
): Promise<number> {
  const { id: name, dimensions } = embedder
  try {
    // The look before the insert spares the sequence a number at each start.
    const model =
      (await findModel(pool, name)) ??
      (await insertModel(pool, name, dimensions)) ??
      (await findModel(pool, name))
    if (model === undefined)
      throw new MillraceError('internal', `the embedding model "${name}" was deleted meanwhile`)
    if (model.dimensions !== dimensions)
      throw new MillraceError(
        'conflict',
        `expected the embedding model "${name}" to have ${model.dimensions} dimensions as registered, got ${dimensions}; give the changed model another id`,
        { details: { registered: model.dimensions, got: dimensions } },
      )
    return model.id
  } catch (error) {
    throw toMillraceError(error, 'registering the embedding model')
  }
}

interface ModelRow {
  id: number
  dimensions: number
}

async function findModel(pool: Pool, name: string): Promise<ModelRow | undefined> {
  const { rows } = await pool.query<ModelRow>(
    `select id, dimensions
       from millrace.embedding_model
      where name = $1`,
    [name],
  )
  return rows[0]
}

async function insertModel(
  pool: Pool,
  name: string,
  dimensions: number,
): Promise<ModelRow | undefined> {
  const { rows } = await pool.query<ModelRow>(
    `insert into millrace.embedding_model (name, dimensions)
     values ($1, $2)
         on conflict (name) do nothing
     returning id, dimensions`,
    [name, dimensions],
  )
  return rows[0]
}
