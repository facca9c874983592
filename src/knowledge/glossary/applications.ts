/** Applications: queues, databases, settings and releases, what customers do and see. As read-entries.ts reads it. */
export const applications = `
dead rows are cleaned up in the background, housekeeping of tables
= vacuum; autovacuum; compaction; compacting; reorganiz; defrag
the machine is too hot, it overheats and is slowed down
= temperature; thermal; overheating; clock throttled; fan failed; fan speed
? overheating; overheat; temperature
the program crashed, it died suddenly because of a bug in its code
= panic; segfault; segmentation fault; segmentation violation; core dumped; generating core;
   sigsegv; fatal exception; uncaught; unhandled exception; fatal error; aborted
? panic; kernel panic; segfault; segmentation fault; core dump; core dumped
the program has a bug, something that should be there was empty or missing
= nullpointerexception; null pointer; nil pointer; undefined is not; cannot read property;
   cannot read properties; nonetype; object reference; attributeerror; keyerror; index out of
work piles up and waits, the backlog grows, processing cannot keep up
= queue depth; queue length; queue is growing; is growing; backlog; pending messages; oldest
   message; queue size
event processing is behind and cannot keep up
= consumer lag; lag is high; falling behind; behind by; seconds behind; lagging behind; cannot
   keep up
? consumer lag
it is put back into the line and tried again later
= requeued; put back; redelivered; re queued; rescheduled; put back on queue
it failed and is tried again, it keeps asking once more
= retry; retrying; will retry; attempt failed; trying again; backing off; already tried;
   reconnecting
it gave up after trying several times
= giving up; gave up; retries exhausted; max retries; maximum retries; no more retries; attempts
   exhausted
messages that cannot be handled are dropped, skipped or put aside
= dead letter; message skipped; skipped message; message dropped; dropped; dropping; discarded;
   ignoring message; poison; undeliverable
? dead letter; dead letter queue
two transactions block each other, each waits for the other, stuck in a standoff
= deadlock; deadlock detected; waits for lock; waits for sharelock; lock wait; could not obtain
   lock; lock not available; could not serialize; lock contention; still waiting for
? deadlock
everybody computes the same thing again because it was not kept ready
= cache miss; recomputing; stampede; cold cache; cache expired; cache invalidated
? cache stampede; cache miss
it is slow, it takes too long
= slow query; slow; latency; response time; long running; took too long; threshold exceeded; too
   slow; duration statement
there is a mistake in the settings, a misspelt or unknown option
= unknown key; unknown option; unknown directive; unknown parameter; unrecognized; invalid
   option; invalid configuration; config error; configuration error; invalid value; unknown
   field; unsupported option; misconfigured
an old, obsolete setting or function is still used and should be replaced
= deprecated; deprecation; obsolete; will be removed; no longer supported
? deprecated; deprecation
the input could not be read or understood, it is malformed
= parse error; failed to parse; cannot parse; malformed; syntax error; unexpected token; invalid
   json; jsondecodeerror; bad request; illegal; cannot identify; decode error; unexpected
   character; not a valid; unmarshal; invalid input; numberformatexception
a change of the database tables was made or failed
= migration; schema version; migrating; alter table; schema change; column does not exist;
   relation does not exist
? schema migration; schema change; migration
a change was undone, it went back to the version before
= rolled back; rollback; rolling back; reverted; reverting; undo
? rollback; roll back; rolled back
a new version was released and rolled out
= deployed; deployment; new release; rollout; upgraded; new version; updated to
a program image or package could not be downloaded
= imagepullbackoff; errimagepull; failed to pull; pull of; manifest unknown; failed to fetch;
   download failed; cannot fetch; could not download
? image pull; imagepullbackoff
more or fewer copies are run to follow the load
= scaled up; scaled down; scaling; autoscaler; successfulrescale
? autoscaling; autoscaler; scale up; scale down
it is already there, the same thing exists twice
= duplicate; duplicate key; already exists; unique constraint; already registered; already in
   use
? duplicate key; unique constraint
the same work is started a second time because the first is too slow
= speculative; redundant attempt; duplicate attempt
copies of the data are missing or made again
= under replicated; replicating block; replica missing; block lost; resync; re replicate
a scheduled job was missed or did not run
= missed run; cron; skipped run; overdue; schedule missed; misfire; job missed
a task or job finished
= job finished; task done; completed successfully; task succeeded; finished task; job completed;
   task completed
data was brought in line with another system, synchronised or imported
= imported; synchronized; synchronised; synced; sync complete; refresh complete
a customer could not pay, the purchase failed
= payment failed; payment error; could not charge; charge failed; payment unresolved; waiting
   for payment; checkout failed; checkout timed out; payment declined
something is nearly sold out or not available any more
= stock is low; low stock; out of stock; sold out; backorder; not in stock
a mail to a customer was sent
= mail sent; email sent; mail delivered; notification sent; receipt sent; mail receipt
a mail could not be delivered
= bounced; deferred; undelivered; mail failed; recipient rejected; smtp error; mailbox full;
   relay access
? bounced mail; bounce
a picture could not be read or made smaller
= image file; thumbnail; resize; image error; unsupported image
? thumbnail
a file is transferred, uploaded or downloaded
= ftp; upload; download; transfer; receiving block; received block; sent bytes
people find nothing or the search is out of order
= search failed; index missing; reindex; index not; indexing failed; shards failed
a customer bought something
= order placed; order created; new order; order received; order accepted; checkout completed;
   purchase completed
? new order
a customer paid, the money was taken
= payment captured; captured; charge succeeded; payment received; payment succeeded; paid;
   settlement completed
the bank is asked whether the customer can pay
= authorizing; authorisation requested; authorization requested; payment started;
   preauthorization
money was given back to a customer
= refund; refunded; chargeback; reversal; reversed; credited
? refund; chargeback
a bill was written for a customer
= invoice issued; invoice created; billing run; statement issued; receipt created
a bill or document could not be made
= rendering refused; pdf failed; report failed; invoice postponed; failed to render; postponed
a discount code was not accepted
= coupon rejected; voucher rejected; invalid coupon; promotion expired; discount rejected
? coupon; voucher
goods that were set aside for a customer were given back
= reservation released; released reservation; reservation expired; hold released; stock released
goods were set aside for a customer
= stock reserved; reserved; reservation created; hold placed
a package is on its way to the customer
= parcel; label created; shipment; shipped; out for delivery; in transit; at depot; delivered;
   dispatch; tracking
a package could not be delivered
= delivery failed; undeliverable parcel; address not found; return to sender; parcel lost
a shopping basket was changed or left behind
= cart updated; added to cart; cart abandoned; basket updated; carts expire
prices or exchange rates were renewed
= price rules; exchange rate; prices updated; price list; pricing
products are proposed to customers
= suggestions; recommendations; recommended; similar items
people get messages on their phones
= push delivered; push sent; sms sent; notification delivered; push notification
a support case was opened or handed to somebody
= ticket assigned; ticket created; ticket opened; escalated; case assigned; assigned to team
a job was handed to a worker or is due
= task received; due task; enqueued; job submitted; job queued; scheduled task; dispatching;
   picked up; launching task; running task; starting task; got assigned task
work on a batch of messages was done
= batch consumed; batch processed; messages processed; records processed; consumed
the program asks the database for a column or table that is not there
= column does not exist; relation does not exist; no such column; no such table; unknown column;
   undefined column; undefined table; table not found
? missing column; missing table
a rule of the database forbids to store that, a reference or value is missing
= foreign key; violates foreign key; not null constraint; violates not null; check constraint;
   constraint violation; integrity error; violates check
? constraint violation; foreign key
a query was stopped because it ran too long
= statement timeout; canceling statement; query cancelled; query canceled; query killed; query
   timeout; execution time exceeded
? statement timeout
a calculation was impossible, a number was too big or divided by nothing
= division by zero; divide by zero; arithmetic; overflow; zerodivisionerror; out of range; nan;
   infinity
? division by zero
a list was asked for something beyond its end
= index out of bounds; index out of range; arrayindexoutofbounds; indexerror; out of bounds
characters cannot be shown, text is garbled
= utf 8; encoding; decode byte; invalid byte sequence; unicodedecodeerror; charset; malformed
   utf
a value has the wrong kind
= typeerror; type error; classcastexception; cannot convert; expected type; invalid type; cannot
   be cast; type mismatch
the program asked for something it had already given back or closed
= already closed; use after; closed connection; is closed; after shutdown; illegal state;
   illegalstateexception
the document or answer does not have the agreed form
= schema validation; validation failed; validation error; does not match schema; missing field;
   required field; unexpected field; contract
data is being read in, a file is imported
= import started; import failed; loading file; csv; rows skipped; etl; ingest failed
data was sent out, a report or export was made
= export; exported; report generated; report sent; extract completed; dump
a new machine-learned model or index is built
= training; model loaded; index built; reindexing; indexing; embedding
a new feature is switched on or off
= feature flag; toggled; feature enabled; feature disabled; experiment
the state of the connection pool, how many are in use and waiting
= pool stats; active connections; idle connections; waiting threads
a file was saved, moved or deleted
= file saved; file deleted; removed file; renamed; moved file; deleting; deleted; unlink;
   cleaned up
data blocks are stored, moved or served from memory
= received block; receiving block; served block; block stored; found block; deleting block;
   stored as values; added broadcast; packetresponder; block as
part of a computation was started or finished
= finished task; stage finished; partition; shuffle; reduce; map output; mapper; fetching
   outputs; computing
a request was answered
= served in; request completed; completed 200; handled request; response sent; processed request
something was tried but refused because of a rule
= rejected; refused; not accepted; violates; prohibited; policy
a child process was found in or lost from its place
= found child; child exited; scoreboard; worker init; init child; spawned worker; worker exited;
   workerenv
`
