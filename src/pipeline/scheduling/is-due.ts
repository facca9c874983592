import type { Pool } from 'pg'

/**
 * True for one of all processes, once in `everyMs`: what is done again and again, by whoever asks first. The time is the
 * database's, so a process whose own clock is wrong neither does it too often nor keeps the others from it. The first
 * time of all begins to count.
 *
 * Writes: setting, one row, when it is due. Locks: that row. Order: of two that ask at once the second sees the first's
 * time, which may be a little later than its own. So only a time that is further to come than a whole `everyMs` (the clock
 * was set back) is due. A crash of who was told so leaves it to the next time.
 */
export async function isDue(
  deps: { pool: Pool },
  task: string,
  options: { everyMs: number },
): Promise<boolean> {
  const { rowCount } = await deps.pool.query(
    `with clock as (select floor(extract(epoch from clock_timestamp()) * 1000)::bigint as ms),
     begun as (
       insert into millrace.setting (name, value)
       select $1, clock.ms::text
         from clock
        where not exists (select from millrace.setting where name = $1)
           on conflict do nothing)
     update millrace.setting
        set value = clock.ms::text
       from clock
      where name = $1
        and (value::bigint <= clock.ms - $2 or value::bigint > clock.ms + $2)`,
    [`last_${task}`, options.everyMs],
  )
  return rowCount === 1
}
