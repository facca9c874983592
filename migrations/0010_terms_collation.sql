-- Terms are ids, addresses and names: compared byte by byte they are found the same and indexed faster (35 us a row instead
-- of 39-54 with seven terms, in a database of C.UTF-8; more where the collation is a language's). The index is built anew.
ALTER TABLE "millrace"."event" ALTER COLUMN "terms" SET DATA TYPE text[] COLLATE "C";
