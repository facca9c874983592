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

/** Texts that are compared byte by byte: names of things have no language, and its rules slow their index. */
export const textArray = customType<{ data: string[]; driverData: string[] }>({
  dataType: () => 'text[] collate "C"',
})
