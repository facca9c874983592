-- What a database keeps about itself.
CREATE TABLE "millrace"."setting" (
	"name" text PRIMARY KEY NOT NULL,
	"value" text NOT NULL
);

--> statement-breakpoint
-- Two random UUIDs: 244 bits.
INSERT INTO "millrace"."setting" ("name", "value")
VALUES ('redaction_salt', gen_random_uuid()::text || gen_random_uuid()::text);
