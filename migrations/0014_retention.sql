-- What retention has taken away for good: insertEvents and the pattern matcher read it, retireEvents and retirePatterns write it.
CREATE TABLE "millrace"."retirement" (
	"id" integer PRIMARY KEY DEFAULT 1 NOT NULL,
	"event_seq" bigint DEFAULT 0 NOT NULL,
	"pattern_epoch" bigint DEFAULT 0 NOT NULL,
	CONSTRAINT "retirement_one_row" CHECK ("millrace"."retirement"."id" = 1)
);
--> statement-breakpoint
INSERT INTO "millrace"."retirement" DEFAULT VALUES;
--> statement-breakpoint
CREATE INDEX "embedding_cache_created_idx" ON "millrace"."embedding_cache" USING btree ("created_at");--> statement-breakpoint
-- Both name a pattern by a foreign key: without an index each deleted pattern would read all of them.
CREATE INDEX "pattern_embedding_pattern_idx" ON "millrace"."pattern_embedding" USING btree ("pattern_id");--> statement-breakpoint
CREATE INDEX "pattern_shape_pattern_idx" ON "millrace"."pattern_shape" USING btree ("pattern_id");
