-- Rates, tags and consumers of streams, and what signs their iterators. Reads of the last seconds need no WAL.
CREATE TABLE "millrace"."consumer" (
	"stream_id" integer NOT NULL,
	"name" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "consumer_pkey" PRIMARY KEY("stream_id","name"),
	CONSTRAINT "consumer_name_check" CHECK ("millrace"."consumer"."name" ~ '^[a-zA-Z0-9_.-]{1,128}$')
);
--> statement-breakpoint
CREATE UNLOGGED TABLE "millrace"."read_call" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "millrace"."read_call_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"shard_id" integer NOT NULL,
	"at" timestamp with time zone NOT NULL,
	"bytes" integer DEFAULT 0 NOT NULL
);
--> statement-breakpoint
ALTER TABLE "millrace"."shard" ADD COLUMN "origin" text DEFAULT 'create' NOT NULL;--> statement-breakpoint
ALTER TABLE "millrace"."stream" ADD COLUMN "trim_seq" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "millrace"."stream" ADD COLUMN "shard_bytes_per_second" integer;--> statement-breakpoint
ALTER TABLE "millrace"."stream" ADD COLUMN "shard_records_per_second" integer;--> statement-breakpoint
ALTER TABLE "millrace"."stream" ADD COLUMN "limit_reads" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "millrace"."stream" ADD COLUMN "tags" jsonb DEFAULT '{}'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "millrace"."consumer" ADD CONSTRAINT "consumer_stream_id_stream_id_fk" FOREIGN KEY ("stream_id") REFERENCES "millrace"."stream"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "read_call_shard_idx" ON "millrace"."read_call" USING btree ("shard_id");--> statement-breakpoint
ALTER TABLE "millrace"."shard" ADD CONSTRAINT "shard_origin_check" CHECK ("millrace"."shard"."origin" in ('create', 'split', 'merge', 'scale', 'hot'));--> statement-breakpoint
ALTER TABLE "millrace"."shard" ADD CONSTRAINT "shard_closed_check" CHECK (("millrace"."shard"."state" = 'closed') = ("millrace"."shard"."closed_seq" is not null));--> statement-breakpoint
ALTER TABLE "millrace"."stream" ADD CONSTRAINT "stream_bytes_rate_check" CHECK ("millrace"."stream"."shard_bytes_per_second" >= 1024);--> statement-breakpoint
ALTER TABLE "millrace"."stream" ADD CONSTRAINT "stream_records_rate_check" CHECK ("millrace"."stream"."shard_records_per_second" >= 1);--> statement-breakpoint
ALTER TABLE "millrace"."stream" ADD CONSTRAINT "stream_tags_check" CHECK (jsonb_typeof("millrace"."stream"."tags") = 'object');--> statement-breakpoint
-- Two random UUIDs: 244 bits.
INSERT INTO "millrace"."setting" ("name", "value")
VALUES ('iterator_key', gen_random_uuid()::text || gen_random_uuid()::text);
