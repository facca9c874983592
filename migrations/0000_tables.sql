-- Every table of Millrace. Written by drizzle-kit from src/db/schema, then completed by hand with what drizzle
-- has no words for: partitioning, storage parameters, compression.
CREATE SCHEMA IF NOT EXISTS "millrace";
--> statement-breakpoint
-- English stems, but no stop words: in logs "no", "not", "out of" and "down" are the news.
CREATE TEXT SEARCH DICTIONARY millrace.stem (TEMPLATE = snowball, LANGUAGE = english);
--> statement-breakpoint
CREATE TEXT SEARCH CONFIGURATION millrace.log (COPY = pg_catalog.english);
--> statement-breakpoint
ALTER TEXT SEARCH CONFIGURATION millrace.log ALTER MAPPING REPLACE english_stem WITH millrace.stem;
--> statement-breakpoint
CREATE TABLE "millrace"."embedding_cache" (
	"model_id" integer NOT NULL,
	"content_hash" "bytea" NOT NULL,
	"embedding" halfvec NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "embedding_cache_pkey" PRIMARY KEY("model_id","content_hash")
);
--> statement-breakpoint
CREATE TABLE "millrace"."embedding_model" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "millrace"."embedding_model_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"name" text NOT NULL,
	"dimensions" integer NOT NULL,
	CONSTRAINT "embedding_model_name_key" UNIQUE("name")
);
--> statement-breakpoint
CREATE TABLE "millrace"."event" (
	"shard_id" integer NOT NULL,
	"seq" bigint NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"pattern_id" integer NOT NULL,
	"severity" smallint NOT NULL,
	"service" text NOT NULL,
	"host" text,
	"pod" text,
	"trace_id" text,
	"body" text NOT NULL,
	"attributes" jsonb,
	"terms" text[] NOT NULL,
	CONSTRAINT "event_pkey" PRIMARY KEY("shard_id","seq")
) PARTITION BY RANGE ("seq");
--> statement-breakpoint
CREATE TABLE "millrace"."pattern" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "millrace"."pattern_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"service" text NOT NULL,
	"severity" smallint NOT NULL,
	"template" text NOT NULL,
	"token_count" integer NOT NULL,
	"example" text NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"words" text NOT NULL,
	"search" "tsvector" GENERATED ALWAYS AS (to_tsvector('millrace.log', words)) STORED NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "millrace"."pattern_embedding" (
	"model_id" integer NOT NULL,
	"pattern_id" integer NOT NULL,
	"version" integer NOT NULL,
	"embedding" halfvec NOT NULL,
	CONSTRAINT "pattern_embedding_pkey" PRIMARY KEY("model_id","pattern_id")
);
--> statement-breakpoint
CREATE TABLE "millrace"."pattern_shape" (
	"hash" "bytea" PRIMARY KEY NOT NULL,
	"pattern_id" integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE "millrace"."frame" (
	"shard_id" integer NOT NULL,
	"first_seq" bigint NOT NULL,
	"last_seq" bigint NOT NULL,
	"prev_seq" bigint NOT NULL,
	"bytes" integer NOT NULL,
	"arrived_at" timestamp with time zone NOT NULL,
	"partition_keys" text[] NOT NULL,
	"data" "bytea"[] NOT NULL,
	CONSTRAINT "frame_pkey" PRIMARY KEY("shard_id","last_seq")
) PARTITION BY LIST ("shard_id");
--> statement-breakpoint
CREATE TABLE "millrace"."segment" (
	"shard_id" integer NOT NULL,
	"start_seq" bigint NOT NULL,
	"end_seq" bigint NOT NULL,
	"table_name" text NOT NULL,
	"used" boolean DEFAULT false NOT NULL,
	CONSTRAINT "segment_pkey" PRIMARY KEY("shard_id","start_seq"),
	CONSTRAINT "segment_bounds_check" CHECK ("millrace"."segment"."start_seq" < "millrace"."segment"."end_seq")
);
--> statement-breakpoint
CREATE TABLE "millrace"."shard" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "millrace"."shard_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"stream_id" integer NOT NULL,
	"number" integer NOT NULL,
	"state" text DEFAULT 'open' NOT NULL,
	"hash_start" numeric(39, 0) NOT NULL,
	"hash_end" numeric(39, 0) NOT NULL,
	"parents" integer[] DEFAULT '{}' NOT NULL,
	"created_seq" bigint NOT NULL,
	"closed_seq" bigint,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "shard_number_key" UNIQUE("stream_id","number"),
	CONSTRAINT "shard_state_check" CHECK ("millrace"."shard"."state" in ('open', 'closed')),
	CONSTRAINT "shard_hash_check" CHECK ("millrace"."shard"."hash_start" between 0 and "millrace"."shard"."hash_end" and "millrace"."shard"."hash_end" < 340282366920938463463374607431768211456)
);
--> statement-breakpoint
CREATE TABLE "millrace"."stream" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "millrace"."stream_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"name" text NOT NULL,
	"mode" text DEFAULT 'on_demand' NOT NULL,
	"retention_hours" integer DEFAULT 24 NOT NULL,
	"max_record_bytes" integer DEFAULT 1048576 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "stream_name_key" UNIQUE("name"),
	CONSTRAINT "stream_name_check" CHECK ("millrace"."stream"."name" ~ '^[a-zA-Z0-9_.-]{1,128}$'),
	CONSTRAINT "stream_mode_check" CHECK ("millrace"."stream"."mode" in ('on_demand', 'provisioned')),
	CONSTRAINT "stream_retention_check" CHECK ("millrace"."stream"."retention_hours" between 24 and 8760),
	CONSTRAINT "stream_record_check" CHECK ("millrace"."stream"."max_record_bytes" between 1048576 and 10485760)
);
--> statement-breakpoint
CREATE TABLE "millrace"."checkpoint" (
	"pipeline" text NOT NULL,
	"shard_id" integer NOT NULL,
	"seq" bigint NOT NULL,
	"epoch" bigint DEFAULT 0 NOT NULL,
	"owner" text,
	"lease_expires_at" timestamp with time zone,
	"failures" integer DEFAULT 0 NOT NULL,
	"last_error" text,
	"retry_at" timestamp with time zone,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "checkpoint_pkey" PRIMARY KEY("pipeline","shard_id"),
	CONSTRAINT "checkpoint_failures_check" CHECK ("millrace"."checkpoint"."failures" >= 0)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 500);
--> statement-breakpoint
CREATE TABLE "millrace"."dead_letter" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "millrace"."dead_letter_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"pipeline" text NOT NULL,
	"shard_id" integer NOT NULL,
	"seq" bigint NOT NULL,
	"partition_key" text NOT NULL,
	"data" "bytea" NOT NULL,
	"error" text NOT NULL,
	"attempts" integer NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "millrace"."embedding_cache" ADD CONSTRAINT "embedding_cache_model_id_embedding_model_id_fk" FOREIGN KEY ("model_id") REFERENCES "millrace"."embedding_model"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "millrace"."pattern_embedding" ADD CONSTRAINT "pattern_embedding_model_id_embedding_model_id_fk" FOREIGN KEY ("model_id") REFERENCES "millrace"."embedding_model"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "millrace"."pattern_embedding" ADD CONSTRAINT "pattern_embedding_pattern_id_pattern_id_fk" FOREIGN KEY ("pattern_id") REFERENCES "millrace"."pattern"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "millrace"."pattern_shape" ADD CONSTRAINT "pattern_shape_pattern_id_pattern_id_fk" FOREIGN KEY ("pattern_id") REFERENCES "millrace"."pattern"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "millrace"."segment" ADD CONSTRAINT "segment_shard_id_shard_id_fk" FOREIGN KEY ("shard_id") REFERENCES "millrace"."shard"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "millrace"."shard" ADD CONSTRAINT "shard_stream_id_stream_id_fk" FOREIGN KEY ("stream_id") REFERENCES "millrace"."stream"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "millrace"."checkpoint" ADD CONSTRAINT "checkpoint_shard_id_shard_id_fk" FOREIGN KEY ("shard_id") REFERENCES "millrace"."shard"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "event_pattern_idx" ON "millrace"."event" USING btree ("pattern_id","at");--> statement-breakpoint
CREATE INDEX "event_at_idx" ON "millrace"."event" USING btree ("at");--> statement-breakpoint
CREATE INDEX "event_terms_idx" ON "millrace"."event" USING gin ("terms");--> statement-breakpoint
CREATE INDEX "pattern_candidate_idx" ON "millrace"."pattern" USING btree ("service","severity","token_count");--> statement-breakpoint
CREATE INDEX "pattern_search_idx" ON "millrace"."pattern" USING gin ("search");--> statement-breakpoint
-- lz4 is several times faster than the default pglz; servers built without it (and the embedded engine) keep pglz.
DO $$
BEGIN
  IF (SELECT 'lz4' = ANY (enumvals) FROM pg_settings WHERE name = 'default_toast_compression') THEN
    ALTER TABLE "millrace"."frame" ALTER COLUMN "partition_keys" SET COMPRESSION lz4;
    ALTER TABLE "millrace"."frame" ALTER COLUMN "data" SET COMPRESSION lz4;
  END IF;
END
$$;
