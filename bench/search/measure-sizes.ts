import type { Pool } from 'pg'

export interface Size {
  what: string
  bytes: number
}

/** What the log and what is known of it take on disk, part by part, with the free space that tables and indexes have. */
export async function measureSizes(pool: Pool): Promise<Size[]> {
  const { rows } = await pool.query<{ what: string; bytes: string }>(
    `with leaf as (
       select root, tree.relid::oid as id
         from unnest(array['frame', 'event']) as root
        cross join lateral pg_partition_tree(('millrace.' || root)::regclass) as tree
        where tree.isleaf
     ),
     part as (
       select 'the log: ' || root as what, pg_total_relation_size(id) as bytes
         from leaf
        where root = 'frame'
       union all
       select 'event, the table', pg_table_size(id)
         from leaf
        where root = 'event'
       union all
       select 'event, index '
              || case am.amname when 'gin' then 'gin' else 'btree' end
              || ' (' || (select string_agg(a.attname, ', ' order by a.attnum)
                            from pg_attribute a
                           where a.attrelid = i.indexrelid) || ')',
              pg_relation_size(i.indexrelid)
         from leaf
         join pg_index i on i.indrelid = leaf.id
         join pg_class c on c.oid = i.indexrelid
         join pg_am am on am.oid = c.relam
        where root = 'event'
       union all
       select name || ', with its indexes', pg_total_relation_size('millrace.' || name)
         from unnest(array['event_count', 'pattern', 'pattern_shape', 'pattern_embedding']) as name
       union all
       select 'index of vectors (in pattern_embedding)', pg_relation_size(i.indexrelid)
         from pg_index i
         join pg_class c on c.oid = i.indexrelid
         join pg_am am on am.oid = c.relam and am.amname = 'hnsw'
        where i.indrelid = 'millrace.pattern_embedding'::regclass
     )
     select what, sum(bytes) as bytes
       from part
      group by what
      order by what like 'the log%' desc, split_part(what, ',', 1), what <> 'event, the table', bytes desc`,
  )
  return rows.map(({ what, bytes }) => ({ what, bytes: Number(bytes) }))
}
