import { customType } from 'drizzle-orm/pg-core'

/** Raw bytes. */
export const bytea = customType<{ data: Buffer; driverData: Buffer }>({
  dataType: () => 'bytea',
})

/** A vector of half-precision floats whose length is its model's, so the column itself has none. */
export const halfvec = customType<{ data: string; driverData: string }>({
  dataType: () => 'halfvec',
})

/** A document of a lexical index. */
export const tsvector = customType<{ data: string; driverData: string }>({
  dataType: () => 'tsvector',
})

/** Texts that are compared byte by byte: an index of them needs no language, and a language's rules cost half of it. */
export const textArray = customType<{ data: string[]; driverData: string[] }>({
  dataType: () => 'text[] collate "C"',
})
