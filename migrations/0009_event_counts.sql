-- How many events a pattern and shard have in a minute of their own time. insertEvents writes it with the events, in one
-- statement, so that its sums are the events' own; counts read it instead of the events.
CREATE TABLE "millrace"."event_count" (
	"pattern_id" integer NOT NULL,
	"shard_id" integer NOT NULL,
	"minute" timestamp with time zone NOT NULL,
	"events" integer NOT NULL,
	"first_at" timestamp with time zone NOT NULL,
	"last_at" timestamp with time zone NOT NULL,
	CONSTRAINT "event_count_pkey" PRIMARY KEY("pattern_id","minute","shard_id")
) WITH (fillfactor = 70);
--> statement-breakpoint
-- Batches that are being written are waited for; those that begin now see the table filled. (Workers of the version before
-- do not count what they write: stop them first.)
LOCK TABLE "millrace"."event" IN SHARE ROW EXCLUSIVE MODE;
--> statement-breakpoint
INSERT INTO "millrace"."event_count" ("pattern_id", "shard_id", "minute", "events", "first_at", "last_at")
SELECT pattern_id, shard_id, date_bin('1 minute', at, '2000-01-01 00:00:00+00'::timestamptz), count(*), min(at), max(at)
  FROM "millrace"."event"
 GROUP BY 1, 2, 3
 ORDER BY 1, 3, 2;
--> statement-breakpoint
CREATE INDEX "event_count_minute_idx" ON "millrace"."event_count" USING btree ("minute");
--> statement-breakpoint
ANALYZE "millrace"."event_count";
