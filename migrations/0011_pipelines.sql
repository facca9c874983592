-- What pipelines share between workers: definitions, breakers, who is alive, windows that are open, files that are
-- archived, texts that are being embedded; and what a checkpoint and a dead letter say beyond their place.
CREATE TABLE "millrace"."embedding_claim" (
	"model_id" integer NOT NULL,
	"content_hash" "bytea" NOT NULL,
	"owner" text NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	CONSTRAINT "embedding_claim_pkey" PRIMARY KEY("model_id","content_hash")
);
--> statement-breakpoint
CREATE TABLE "millrace"."archived_file" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "millrace"."archived_file_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"pipeline" text NOT NULL,
	"archive" text NOT NULL,
	"shard_id" integer NOT NULL,
	"stream" text NOT NULL,
	"shard" integer NOT NULL,
	"path" text NOT NULL,
	"first_seq" bigint NOT NULL,
	"last_seq" bigint NOT NULL,
	"records" integer NOT NULL,
	"bytes" bigint NOT NULL,
	"sha256" text NOT NULL,
	"first_at" timestamp with time zone NOT NULL,
	"last_at" timestamp with time zone NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "millrace"."pipeline" (
	"name" text PRIMARY KEY NOT NULL,
	"definition" jsonb,
	"revision" integer DEFAULT 1 NOT NULL,
	"replay_of" text,
	"state" text DEFAULT 'running' NOT NULL,
	"breaker" text DEFAULT 'closed' NOT NULL,
	"breaker_until" timestamp with time zone,
	"breaker_failures" integer DEFAULT 0 NOT NULL,
	"breaker_reason" text,
	"breaker_since" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "pipeline_state_check" CHECK ("millrace"."pipeline"."state" in ('running', 'paused')),
	CONSTRAINT "pipeline_breaker_check" CHECK ("millrace"."pipeline"."breaker" in ('closed', 'open', 'half_open'))
);
--> statement-breakpoint
CREATE TABLE "millrace"."window_state" (
	"pipeline" text NOT NULL,
	"shard_id" integer NOT NULL,
	"step" integer NOT NULL,
	"starts_at" timestamp with time zone NOT NULL,
	"ends_at" timestamp with time zone NOT NULL,
	"state" json NOT NULL,
	CONSTRAINT "window_state_pkey" PRIMARY KEY("pipeline","shard_id","step","starts_at")
);
--> statement-breakpoint
CREATE TABLE "millrace"."worker" (
	"id" text PRIMARY KEY NOT NULL,
	"pipelines" text[] NOT NULL,
	"concurrency" integer NOT NULL,
	"started_at" timestamp with time zone DEFAULT now() NOT NULL,
	"seen_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "millrace"."checkpoint" ADD COLUMN "failed_to" bigint;--> statement-breakpoint
ALTER TABLE "millrace"."checkpoint" ADD COLUMN "last_error_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "millrace"."checkpoint" ADD COLUMN "records" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "millrace"."checkpoint" ADD COLUMN "batches" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "millrace"."checkpoint" ADD COLUMN "filtered" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "millrace"."checkpoint" ADD COLUMN "dead" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "millrace"."checkpoint" ADD COLUMN "embed_requests" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "millrace"."checkpoint" ADD COLUMN "embed_tokens" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "millrace"."checkpoint" ADD COLUMN "rate_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "millrace"."checkpoint" ADD COLUMN "rate_records" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "millrace"."checkpoint" ADD COLUMN "rate_before" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "millrace"."dead_letter" ADD COLUMN "condition" text DEFAULT 'retries_exhausted' NOT NULL;--> statement-breakpoint
ALTER TABLE "millrace"."dead_letter" ADD COLUMN "step" text;--> statement-breakpoint
ALTER TABLE "millrace"."dead_letter" ADD COLUMN "arrived_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "millrace"."dead_letter" ADD COLUMN "redrive_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "millrace"."dead_letter" ADD COLUMN "redrive_epoch" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
-- Pipelines that worked before this version: their checkpoints stay, a worker adds the definition.
INSERT INTO "millrace"."pipeline" ("name")
SELECT DISTINCT pipeline FROM "millrace"."checkpoint";
--> statement-breakpoint
ALTER TABLE "millrace"."embedding_claim" ADD CONSTRAINT "embedding_claim_model_id_embedding_model_id_fk" FOREIGN KEY ("model_id") REFERENCES "millrace"."embedding_model"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "archived_file_path" ON "millrace"."archived_file" USING btree ("archive","path");