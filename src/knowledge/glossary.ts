/** What systems report, and the same in plain words. */
export interface GlossaryEntry {
  /** How logs say it: words one after the other, any of which phrases will do; PostgreSQL stems them. */
  logged: readonly string[]
  /** How people say it, who do not know the term. */
  plain: string
  /**
   * The terms by which those ask for it who know it, singular. Where a question has one and no event reports the like, what
   * it asks about did not happen.
   */
  terms: readonly string[]
}

const phrasesOf = (text: string) => text.split('|').map((phrase) => phrase.trim())

const entry = (plain: string, logged: string, terms?: string): GlossaryEntry => ({
  plain,
  logged: phrasesOf(logged),
  terms: terms === undefined ? [] : phrasesOf(terms),
})

/**
 * The vocabulary of operations in plain words: what `no space left on device` means to somebody who only knows that nothing
 * can be saved any more. It knows the field and no system: what names one product, its services or its formats does not
 * belong here.
 */
export const glossary: readonly GlossaryEntry[] = [
  // Storage
  entry(
    'the disk is full, storage has run out of room, nothing can be saved or written any more',
    'no space left|disk full|volume is full|volume full|filesystem full|enospc|disk quota|could not extend|not enough space|insufficient space|insufficient disk|out of disk',
    'disk full|full disk|no space left|out of disk space|out of disk',
  ),
  entry(
    'the disk is filling up, storage is about to run out of room',
    'volume usage|disk usage|low disk|free disk space|free space|disk space|running low on space|high watermark',
  ),
  entry(
    'nothing can be written, saved, changed or modified any more, only read',
    'read only|readonly|erofs|safe mode|cannot execute insert|cannot execute update',
    'read only',
  ),
  entry(
    'the disk is broken, a drive is dying, data cannot be read from it',
    'i o error|io error|bad sector|bad block|medium error|uncorrectable|smart error|unrecovered read|disk failure',
    'disk failure|disk error|bad sector|i o error',
  ),
  entry(
    'the data is damaged, broken or mangled',
    'corrupt|checksum|crc error|crc mismatch|invalid page|bad magic|digest mismatch|integrity check',
    'corruption|corrupt|corrupted|checksum',
  ),
  entry(
    'the data ends too early, only a part of it arrived, it was cut off',
    'truncated|unexpected eof|unexpected end|premature end|incomplete read|short read|prematurely closed',
  ),
  entry(
    'a copy of all data is being written to disk, a backup or save point',
    'snapshot|checkpoint complete|checkpoint starting|background saving|dump completed|backup|backup completed',
  ),
  entry(
    'the periodic save of the data could not be done',
    'checkpoint failed|could not write|snapshot failed|bgsave error|failed to save|error writing|failed to persist',
  ),
  entry(
    'dead rows are cleaned up in the background, housekeeping of tables',
    'vacuum|autovacuum|compaction|compacting|reorganiz|defrag',
  ),
  // Memory and processor
  entry(
    'memory ran out, the program was killed for using too much RAM',
    'out of memory|outofmemoryerror|oom|oomkilled|cannot allocate|heap space|heap out of memory|killed process|memory limit|exit code 137',
    'out of memory|oom|oomkilled|oom kill|oom killer|outofmemoryerror',
  ),
  entry(
    'memory is getting tight, too much RAM is in use',
    'memory usage|memory pressure|heap usage|high memory|low memory|memory leak|swap usage',
  ),
  entry(
    'the program freezes for a moment to clean up unused memory, it stops and pauses',
    'gc pause|full gc|garbage collection|gc overhead|evacuation pause|stop the world|jvm pause|pause in jvm',
    'garbage collection|gc pause|full gc',
  ),
  entry(
    'the machine is too hot, it overheats and is slowed down',
    'temperature|thermal|overheating|clock throttled|fan failed|fan speed',
    'overheating|overheat|temperature',
  ),
  entry(
    'the machine is overloaded, the processor is too busy',
    'cpu usage|high cpu|load average|high load|overloaded|overload|cpu throttling|soft lockup|blocked for more than',
  ),
  entry(
    'the hardware is faulty, a part of the machine is broken',
    'machine check|mce|parity error|ecc|hardware error|pci error|link error|sensor|power supply|power failure|voltage|battery',
    'machine check|hardware error|parity error|power failure',
  ),
  entry(
    'how much memory, processor and disk there is, the size of the machine',
    'memory available|total memory|total vcpu|vcpu limit|memory mb|disk gb|physical ram|memory limit|usable',
  ),
  // Start, stop, crash
  entry(
    'the program crashed, it died suddenly because of a bug in its code',
    'panic|segfault|segmentation fault|segmentation violation|core dumped|generating core|sigsegv|fatal exception|uncaught|unhandled exception|fatal error|aborted',
    'panic|kernel panic|segfault|segmentation fault|core dump|core dumped',
  ),
  entry(
    'the program has a bug, something that should be there was empty or missing',
    'nullpointerexception|null pointer|nil pointer|undefined is not|cannot read property|cannot read properties|nonetype|object reference|attributeerror|keyerror|index out of',
  ),
  entry(
    'the program keeps crashing and is started again and again',
    'crashloopbackoff|back off restarting|restarting failed|respawning|restart count|crash loop',
    'crashloopbackoff|crash loop|crashloop',
  ),
  entry(
    'a process ended with an error, it stopped abnormally',
    'exited abnormally|exit code|exit status|exited with|non zero|terminated by signal|exited on signal|exited',
  ),
  entry(
    'the program started, it came up and is ready for work',
    'started|startup|starting|initialized|listening on|ready to accept|server started|startup succeeded',
  ),
  entry(
    'the machine was powered on, booted or rebooted',
    'kernel command line|linux version|booting|bios|reboot|system boot|power on|powered on',
  ),
  entry(
    'the program was stopped, shut down on purpose or is going away',
    'shutdown|shutting down|stopped|stopping|sigterm|terminating|going down|draining|exiting',
  ),
  entry(
    'a health check failed, the program does not show that it is alive or ready',
    'probe failed|liveness|readiness|health check|healthcheck|unhealthy|not ready|notready|heartbeat|heartbeat missed',
    'health check|liveness probe|readiness probe',
  ),
  // Network
  entry(
    'nobody listens there, the other side is down and turned the connection away',
    'connection refused|econnrefused|connect refused|actively refused|no live upstream|host is down|service unavailable',
  ),
  entry(
    'the other side hung up, the connection was cut off or lost in the middle',
    'connection reset|econnreset|broken pipe|epipe|connection closed|connection lost|connection broken|connection abort|closed the connection|end of stream|eof exception|eofexception|lost connection|server closed|disconnected|socket closed',
  ),
  entry(
    'the machine cannot be reached over the network, there is no way to get to it',
    'no route to host|noroutetohostexception|unreachable|network is down|cannot open channel|failed to connect|could not connect|cannot connect|unable to connect|not reachable|error in contacting|connection timed out|retrying connect',
  ),
  entry(
    'no answer came in time, it waited too long and gave up',
    'timeout|timed out|time out|etimedout|deadline exceeded|no response|not responding|sockettimeoutexception|read timed out',
  ),
  entry(
    'names and addresses cannot be looked up, name resolution is broken',
    'dns|getaddrinfo|enotfound|eai_again|unknownhostexception|unknown host|nxdomain|servfail|no such host|could not resolve|name resolution|name or service not known|dial tcp lookup|server misbehaving|reverse mapping|resolve host',
    'dns|name resolution|nxdomain',
  ),
  entry(
    'its address changed, the machine has a different IP now',
    'address change|ip changed|new address|address changed|dhcp',
  ),
  entry(
    'the link or network card went up or down',
    'link down|link up|link is down|link is up|carrier|interface down|interface up|port down',
  ),
  entry(
    'encrypted connections fail, the two sides cannot agree on how to secure it',
    'handshake|handshake failed|ssl error|tls error|unsupported protocol|no shared cipher|protocol version|sslexception|wrong version number',
    'handshake|tls handshake|ssl handshake',
  ),
  entry(
    'the certificate, the proof of identity for encrypted connections, runs out soon or is no longer valid and must be renewed',
    'certificate expired|certificate expires|certificate has expired|certificate will expire|cert expires|not valid after|expires soon|expired certificate|x509',
    'certificate|cert|x509',
  ),
  entry(
    'the identity of the other side cannot be trusted or checked',
    'certificate verify|unable to verify|self signed|unknown authority|pkix|hostname mismatch|untrusted|certificate unknown',
  ),
  entry(
    'visitors of the site get an error page because the server behind it does not answer',
    'bad gateway|upstream|gateway timeout|no healthy upstream|no live upstreams|status 502|status 503|answered 502|answered 503',
  ),
  entry(
    'the server failed to handle the request, an internal error',
    'internal server error|http 500|status 500|server error',
  ),
  entry(
    'what was asked for is not there, a page or file does not exist',
    'not found|no such file|enoent|does not exist|filenotfoundexception|no such|missing file|status 404',
  ),
  entry(
    'the visitor left before the answer was ready',
    'client closed|client prematurely|client disconnected|request aborted|client gone',
  ),
  entry(
    'an upload or request is too big and is refused or put aside',
    'too large|entity too large|request body is buffered|exceeds the maximum|message too big|value too long|oversized|too big',
  ),
  // Limits, pools, queues
  entry(
    'too many requests at once, callers are slowed down or turned away',
    'rate limit|rate limited|too many requests|throttled|throttling|limiting requests|quota exceeded|limit exceeded|rate exceeded|status 429',
    'rate limit|rate limiting|rate limited|throttling|throttled|throttle',
  ),
  entry(
    'all connections to the database are taken, too many clients at once, it is overcrowded and lets nobody else in',
    'too many connections|too many clients|connection slots|pool exhausted|pool is exhausted|connection is not available|no available connection|connection pool|remaining connection|waiting for connection|max_connections|maximum connections',
    'connection pool|pool exhausted|too many connections',
  ),
  entry(
    'all workers are busy, new work is turned away',
    'rejectedexecutionexception|rejected execution|rejected from|thread pool|queue is full|queue full|no available worker|no free worker|saturated|buffer full',
    'thread pool|rejectedexecutionexception',
  ),
  entry(
    'too many files or sockets are open',
    'too many open files|emfile|enfile|file descriptor|no free port|cannot assign requested address',
    'too many open files|file descriptor|emfile',
  ),
  entry(
    'work piles up and waits, the backlog grows, processing cannot keep up',
    'queue depth|queue length|queue is growing|is growing|backlog|pending messages|oldest message|queue size',
  ),
  entry(
    'event processing is behind and cannot keep up',
    'consumer lag|lag is high|falling behind|behind by|seconds behind|lagging behind|cannot keep up',
    'consumer lag',
  ),
  entry(
    'work is handed over between the members of a group',
    'rebalance|rebalancing|partitions revoked|partitions assigned|reassigned|hand over',
    'rebalance|rebalancing',
  ),
  entry(
    'it is put back into the line and tried again later',
    'requeued|put back|redelivered|re queued|rescheduled|put back on queue',
  ),
  entry(
    'it failed and is tried again, it keeps asking once more',
    'retry|retrying|will retry|attempt failed|trying again|backing off|already tried|reconnecting',
  ),
  entry(
    'it gave up after trying several times',
    'giving up|gave up|retries exhausted|max retries|maximum retries|no more retries|attempts exhausted',
  ),
  entry(
    'messages that cannot be handled are dropped, skipped or put aside',
    'dead letter|message skipped|skipped message|message dropped|dropped|dropping|discarded|ignoring message|poison|undeliverable',
    'dead letter|dead letter queue',
  ),
  entry(
    'it stopped asking a failing service for a while to protect itself',
    'circuit breaker|circuit open|circuit|half open|fail fast|fallback|load shedding|degraded',
    'circuit breaker',
  ),
  entry(
    'two transactions block each other, each waits for the other, stuck in a standoff',
    'deadlock|deadlock detected|waits for lock|waits for sharelock|lock wait|could not obtain lock|lock not available|could not serialize|lock contention|still waiting for',
    'deadlock',
  ),
  entry(
    'everybody computes the same thing again because it was not kept ready',
    'cache miss|recomputing|stampede|cold cache|cache expired|cache invalidated',
    'cache stampede|cache miss',
  ),
  entry(
    'old entries are thrown out to make room',
    'evicted|eviction|purged|purging|expiring entries|removing old|pruned|pruning|log rotation|logrotate',
  ),
  entry(
    'it is slow, it takes too long',
    'slow query|slow|latency|response time|long running|took too long|threshold exceeded|too slow|duration statement',
  ),
  // Access
  entry(
    'someone typed a wrong password or user name and could not log in',
    'login rejected|login failed|failed login|wrong password|bad password|incorrect password|invalid password|invalid credentials|bad credentials|password check failed|authentication failed|authentication failure|unknown user|user unknown',
    'wrong password|login failure|failed login|authentication failure',
  ),
  entry(
    'a stranger is guessing passwords and tries to break in from outside, an attack on the logins',
    'failed password|invalid user|illegal user|authentication failure|too many authentication failures|break in attempt|failed publickey|repeated login failures|brute force',
    'brute force',
  ),
  entry(
    'tickets of a single sign-on were refused',
    'kerberos authentication|kerberos|ticket expired|sso failed|saml|ldap bind failed',
  ),
  entry(
    'someone logged in',
    'login succeeded|accepted password|accepted publickey|session opened|logged in|login successful|user login|new session',
  ),
  entry(
    'someone logged out or was disconnected',
    'session closed|logged out|logout|session ended|sign out',
  ),
  entry(
    'the session ended because nothing was heard for too long, the user was thrown out',
    'session expired|expiring session|session timeout|session timed|idle timeout|inactivity',
  ),
  entry(
    'the proof of login is no longer accepted, the user has to log in again',
    'token expired|token rejected|invalid token|jwt expired|token invalid|invalid signature|token revoked|expired token|unauthorized|unauthenticated',
  ),
  entry(
    'it is not allowed, there are no rights or permission to do that',
    'permission denied|access denied|forbidden|not permitted|not allowed|not authorized|eacces|eperm|insufficient privilege|accesscontrolexception|denied',
  ),
  entry(
    'someone acts as administrator with elevated rights',
    'root login|sudo|user root|uid 0|su root|as administrator',
  ),
  entry(
    'someone connects without an account, anonymously',
    'anonymous|guest login|guest user',
    'anonymous',
  ),
  entry(
    'something suspicious, possible fraud or an attack',
    'suspicious|fraud|possible break in|break in attempt|intrusion|malicious|blacklisted|attack|port scan|injection|flooding',
    'fraud|intrusion|ransomware|malware|port scan',
  ),
  entry('a secret is exposed', 'secret exposed|credentials exposed|leaked|plaintext password'),
  // Configuration and change
  entry(
    'there is a mistake in the settings, a misspelt or unknown option',
    'unknown key|unknown option|unknown directive|unknown parameter|unrecognized|invalid option|invalid configuration|config error|configuration error|invalid value|unknown field|unsupported option|misconfigured',
  ),
  entry(
    'an old, obsolete setting or function is still used and should be replaced',
    'deprecated|deprecation|obsolete|will be removed|no longer supported',
    'deprecated|deprecation',
  ),
  entry(
    'the input could not be read or understood, it is malformed',
    'parse error|failed to parse|cannot parse|malformed|syntax error|unexpected token|invalid json|jsondecodeerror|bad request|illegal|cannot identify|decode error|unexpected character|not a valid|unmarshal|invalid input|numberformatexception',
  ),
  entry(
    'a change of the database tables was made or failed',
    'migration|schema version|migrating|alter table|schema change|column does not exist|relation does not exist',
    'schema migration|schema change|migration',
  ),
  entry(
    'a change was undone, it went back to the version before',
    'rolled back|rollback|rolling back|reverted|reverting|undo',
    'rollback|roll back|rolled back',
  ),
  entry(
    'a new version was released and rolled out',
    'deployed|deployment|new release|rollout|upgraded|new version|updated to',
  ),
  entry(
    'a program image or package could not be downloaded',
    'imagepullbackoff|errimagepull|failed to pull|pull of|manifest unknown|failed to fetch|download failed|cannot fetch|could not download',
    'image pull|imagepullbackoff',
  ),
  entry(
    'there is no machine with room to run it, it waits to be placed',
    'failedscheduling|insufficient cpu|insufficient memory|nodes are available|no valid host|unschedulable|pending pod',
  ),
  entry(
    'more or fewer copies are run to follow the load',
    'scaled up|scaled down|scaling|autoscaler|successfulrescale',
    'autoscaling|autoscaler|scale up|scale down',
  ),
  entry(
    'it is already there, the same thing exists twice',
    'duplicate|duplicate key|already exists|unique constraint|already registered|already in use',
    'duplicate key|unique constraint',
  ),
  entry(
    'the same work is started a second time because the first is too slow',
    'speculative|redundant attempt|duplicate attempt',
  ),
  // Clusters and data
  entry(
    'a standby copy of the database fell behind, stopped or lost its connection',
    'replication timeout|walsender|replication slot|replica lag|replication lag|replication stopped|replication broken|standby|replica',
    'standby|replication|replica',
  ),
  entry(
    'another copy took over as the main one after the first failed',
    'failover|failed over|promoted|promotion|switchover|takeover|taking over',
    'failover|switchover',
  ),
  entry(
    'the members vote on who is in charge, a new leader is chosen',
    'election|leader election|new leader|quorum|vote|notification time out|election address',
    'leader election|election|quorum',
  ),
  entry(
    'it was decided who is in charge',
    'leader election took|elected leader|following leader|is leader|became leader|leading|following',
  ),
  entry(
    'the right to keep something open could not be renewed',
    'renew lease|lease expired|lease renewal|lost lease|lock expired|failed to renew',
  ),
  entry(
    'copies of the data are missing or made again',
    'under replicated|replicating block|replica missing|block lost|resync|recovering|re replicate',
  ),
  entry(
    'a virtual machine was created, it came up',
    'instance spawned|vm started|instance created|building instance|spawning|spawned successfully',
  ),
  entry(
    'a virtual machine was deleted, removed or stopped',
    'terminating instance|instance destroyed|deleting instance|vm stopped|destroyed successfully',
  ),
  entry(
    'what is recorded differs from what really is, the books do not match',
    'did not match|mismatch|inconsistent|inconsistency|out of sync|differs|discrepancy|while synchronizing',
  ),
  entry(
    'things that nobody uses any more are left over',
    'orphaned|orphan|stale|dangling|unused|leftover|zombie',
  ),
  entry(
    'the clock of the machine is wrong, its time is off or cannot be compared with other clocks',
    'clock|ntp|time sync|clock skew|skew|drift|selectable sources|time jump|system time',
    'clock skew|ntp|clock drift',
  ),
  entry(
    'a scheduled job was missed or did not run',
    'missed run|missed|cron|skipped run|overdue|schedule missed|misfire|job missed',
  ),
  entry(
    'a task or job finished',
    'job finished|task done|completed successfully|task succeeded|finished task|job completed|task completed',
  ),
  entry(
    'how far the work has got',
    'progress|percent complete|processed of|rows imported|imported',
  ),
  entry(
    'data was brought in line with another system, synchronised or imported',
    'imported|synchronized|synchronised|synced|sync complete|refresh complete',
  ),
  // What users see
  entry(
    'a customer could not pay, the purchase failed',
    'payment failed|payment error|could not charge|charge failed|payment unresolved|waiting for payment|checkout failed|checkout timed out|payment declined',
  ),
  entry(
    'the bank refused the card of a customer',
    'card declined|declined by|card rejected|insufficient funds|issuer declined|do not honor',
    'card declined',
  ),
  entry(
    'something is nearly sold out or not available any more',
    'stock is low|low stock|out of stock|sold out|backorder|not in stock',
  ),
  entry(
    'a mail to a customer was sent',
    'mail sent|email sent|mail delivered|notification sent|receipt sent|mail receipt',
  ),
  entry(
    'a mail could not be delivered',
    'bounced|deferred|undelivered|mail failed|recipient rejected|smtp error|mailbox full|relay access',
    'bounced mail|bounce',
  ),
  entry(
    'a picture could not be read or made smaller',
    'image file|thumbnail|resize|image error|unsupported image',
    'thumbnail',
  ),
  entry(
    'a file is transferred, uploaded or downloaded',
    'ftp|upload|download|transfer|receiving block|received block|sent bytes',
  ),
  entry(
    'people find nothing or the search is out of order',
    'search failed|index missing|reindex|index not|indexing failed|shards failed',
  ),
]
