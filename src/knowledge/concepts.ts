/** What people call something, and what logs call it. */
export interface Concept {
  name: string
  /** In a question. Bounded repeats only: its time is linear. */
  asked: RegExp
  /** In a pattern, as words or phrases, any of which will do; PostgreSQL stems them. */
  logged: readonly string[]
}

const list = (text: string) => text.split('|').map((phrase) => phrase.trim())

/**
 * The vocabulary of operations: symptoms in people's words, and the words in which systems report what is behind them. A
 * question that shares no word with its line ("nobody can log in") still shares the concept ("authentication failed").
 * It knows the field and no system: names of products, services and formats do not belong here.
 */
export const concepts: readonly Concept[] = [
  {
    name: 'disk full',
    asked:
      /\b(?:disk|disc|drive|storage|volume|partition|filesystem|file system)s?\b.{0,40}\b(?:full|space|room|exhausted|filled|capacity)|\b(?:out of|no|run(?:ning)? out of|ran out of|enough|free)\s+(?:\w+\s+){0,2}(?:space|room|storage|disk)\b|\bnowhere (?:left )?to (?:write|store|save)|\bstorage (?:problem|issue)|\b(?:can(?:no|')?t|unable to|could not) (?:be )?(?:sav|writ|stor)\w*\b/i,
    logged: list(
      'no space left|disk full|volume full|volume is full|filesystem full|file system full|enospc|disk quota|quota exceeded|could not extend|out of disk|disk space|free space|disk usage|low disk|not enough space|insufficient space|cannot write',
    ),
  },
  {
    name: 'out of memory',
    asked:
      /\b(?:memory|ram|heap|oom)\b|\b(?:killed|reaped)\b.{0,40}\b(?:kernel|system|host|node)|\bbloat/i,
    logged: list(
      'out of memory|outofmemory|oom|oom killer|oomkilled|memory limit|cannot allocate|heap space|heap out|killed process|memory usage|memory pressure|heap usage|memory leak|evicted|exit code 137',
    ),
  },
  {
    name: 'crash',
    asked:
      /\b(?:crash\w*|died|dies|dying|fell over|falls? over|blew up|blow(?:s|ing)? up|went down|goes down|(?:came|come|comes) down|kill(?:ed|s)?|abort\w*|core dump\w*|terminat\w*|vanish\w*|disappear\w*|keeps? (?:coming back|dying|stopping|going away)|stopp(?:ed|ing) (?:working|running|by itself)|unexpected\w* (?:stop|exit|quit|end)\w*|gave up the ghost|restart\w*|reboot\w*|bounc(?:ed|ing))\b/i,
    logged: list(
      'crash|crashed|crashloopbackoff|back off restarting|core dumped|generating core|segfault|segmentation fault|panic|fatal|killed|sigkill|sigsegv|signal|aborted|terminated|exited with|exit code|exit status|exited|died|unhealthy|restarted|restarting|oomkilled|evicted|uncaught|unhandled|shutting down',
    ),
  },
  {
    name: 'start',
    asked:
      /\b(?:start(?:ed|s|ing|up)?|boot(?:ed|s|ing)?|came up|come up|comes up|came online|launch\w*|brought up|spun up|spin(?:ning)? up|went live)\b/i,
    logged: list(
      'started|starting|startup|booting|boot|listening on|initialized|initializing|launched|launching|ready|restarted|registered',
    ),
  },
  {
    name: 'stop',
    asked: /\b(?:stop(?:ped|s|ping)?|shut(?:ting)? ?down|halt\w*|taken (?:down|offline)|switched off|turned off|drain\w*)\b/i,
    logged: list('stopped|stopping|shutdown|shutting down|shut down|terminating|terminated|draining|halted|sigterm|exiting'),
  },
  {
    name: 'login failed',
    asked:
      /\b(?:log(?:ged|ging|s)? ?(?:in|on)|sign(?:ed|ing)?[ -]?(?:in|on)|authenticat\w*|get in|got in|break in|break-in|let in|credentials?|password|passwords|brute|guess\w*|intru\w*|attack\w*|hack\w*|unauthori[sz]ed|locked out|strangers?|someone trying)\b/i,
    logged: list(
      'authentication failure|authentication failed|failed password|invalid user|login failed|failed login|invalid credentials|bad credentials|bad password|wrong password|incorrect password|unauthorized|access denied|unknown user|user unknown|not allowed|account locked|too many authentication failures|break in attempt|token rejected|token expired|invalid token|signature|401|unauthenticated|sasl|ldap|kerberos|sign in|login|logon|authentication',
    ),
  },
  {
    name: 'not permitted',
    asked:
      /\b(?:permission\w*|not allowed|(?:isn|aren|wasn|weren)['’]?t allowed|forbidden|den(?:y|ied|ies)|access(?:es)? (?:was|is|rights?|problem)|rights|privileg\w*|refus(?:ed|es|ing) (?:access|entry|to let)|blocked|allowed to|off limits|may not)\b/i,
    logged: list(
      'permission denied|access denied|forbidden|not permitted|operation not permitted|not authorized|unauthorized|eacces|insufficient privileges|denied|403|accesscontrolexception|not allowed|read only|blocked',
    ),
  },
  {
    name: 'unreachable',
    asked:
      /\b(?:reach(?:ed|ing|able)?|unreachable|get through|getting through|talk(?:ing|ed)? to|contact\w*|connect\w*|connection\w*|hang(?:s|ing)? up|hung up|cut off|lost (?:touch|contact)|offline|network\w*|link|down|speak(?:ing)? to|communicat\w*|disconnect\w*|drop(?:ped|ping|s)?|partition\w*|isolated|no longer (?:there|answers?|see))\b/i,
    logged: list(
      'connection refused|connection reset|connection timed out|connection lost|connection closed|connection aborted|connection failed|connection broken|broken pipe|no route to host|host unreachable|network unreachable|unreachable|econnrefused|econnreset|etimedout|could not connect|cannot connect|unable to connect|failed to connect|not connect|cannot open channel|disconnected|lost connection|closed by|reset by peer|socket|no live upstreams|host is down|network is down|link down|retrying connect|eof|end of stream|server gone away|server closed',
    ),
  },
  {
    name: 'timeout',
    asked:
      /\b(?:time(?:d|s)? ?out\w*|too long|took (?:too |so |very )?(?:long|forever|ages)|never (?:answer|respond|repl|return|came back|finish)\w*|(?:no|without(?: an?)?|not?) (?:answer|response|reply|sign of life)|wait(?:ed|ing|s)?|unresponsive|hang(?:s|ing)?|hung|stuck|frozen|freez\w*|stall\w*|(?:not|n['’]t) (?:respond|answer|repl)\w*|gave up|giv(?:es|ing) up|patience|deadline)\b/i,
    logged: list(
      'timeout|timed out|time out|deadline exceeded|took too long|no response|not responding|giving up|gave up|etimedout|sockettimeoutexception|504|hung|stuck|stalled|blocked for|lock wait|exceeded|expired|lag|unresponsive',
    ),
  },
  {
    name: 'slow',
    asked:
      /\b(?:slow\w*|sluggish\w*|laten\w*|delay\w*|lag(?:s|ged|ging|gy)?|crawl\w*|drag(?:s|ged|ging)?|performance|takes? (?:so |too |very )?(?:long|ages|forever)|took (?:so |too |very )?(?:long|ages|forever)|speed|bottleneck|backed up|backlog\w*|behind|pil(?:e|es|ed|ing) up|building up|late|overloaded|overload|bus(?:y|ier)|struggl\w*)\b/i,
    logged: list(
      'slow|slow query|duration|took|latency|delayed|delay|lag|consumer lag|behind|backlog|queue depth|queue length|queue size|queue full|saturated|overloaded|busy|throttled|gc pause|stop the world|stall|high load|load average|response time|pending|falling behind|too frequently',
    ),
  },
  {
    name: 'garbage collection',
    asked: /\b(?:gc|garbage|stop the world|jvm|pauses?|paused|freez\w*)\b/i,
    logged: list('gc pause|garbage collection|full gc|gc overhead|stop the world|evacuation pause|heap|allocation failure|jvm pause|pause of approximately'),
  },
  {
    name: 'rate limit',
    asked:
      /\b(?:rate|throttl\w*|too (?:many|often|fast)|quota\w*|limit(?:s|ed|ing)?|hammer(?:ed|ing)?|flood\w*|abus\w*|calm down|back ?off|slow down)\b/i,
    logged: list('rate limit|rate limited|rate exceeded|too many requests|throttled|throttling|throttle|429|quota|limit exceeded|limit reached|backing off|slow down|limiting requests|flood'),
  },
  {
    name: 'pool exhausted',
    asked:
      /\b(?:pool\w*|too many (?:clients|connections|sessions|users|threads)|run(?:ning)? out of (?:connections|threads|workers|slots|handles|sockets|ports)|ran out of (?:connections|threads|workers|slots|handles|sockets|ports)|all (?:connections|slots|workers|threads) (?:are|were) (?:taken|busy|used|in use)|no (?:free|more) (?:connections?|slots?|workers?|threads?|handles?)|exhaust\w*|starv\w*)\b/i,
    logged: list(
      'pool exhausted|pool is exhausted|connection pool|connection is not available|no available connections|too many connections|too many clients|remaining connection slots|thread pool|rejected execution|rejectedexecutionexception|queue is full|no more threads|too many open files|emfile|max_connections|waiting for connection|acquire|saturated|starvation|cannot assign requested address',
    ),
  },
  {
    name: 'file handles',
    asked: /\b(?:file (?:handles?|descriptors?)|open files|handles|sockets)\b/i,
    logged: list('too many open files|emfile|enfile|file descriptor|open files|nofile|handle'),
  },
  {
    name: 'deadlock',
    asked:
      /\b(?:dead ?lock\w*|lock(?:s|ed|ing)?|block(?:s|ing|ed)? each other|wait(?:s|ing|ed)? (?:for|on) each other|contention|stand(?:ing)? in each other|mutual\w*|tangled|race)\b/i,
    logged: list('deadlock|lock wait|lock timeout|could not obtain lock|waiting for sharelock|waits for|still waiting|could not serialize|contention|lock not available|concurrent update|optimistic lock|latch'),
  },
  {
    name: 'certificate',
    asked:
      /\b(?:cert\w*|tls|ssl|https|encrypt\w*|handshake\w*|x509|trust\w*|secure connection|padlock|identity (?:of|check))\b/i,
    logged: list('certificate|cert|x509|tls|ssl|handshake|sslhandshakeexception|self signed|unable to verify|unknown authority|certificate has expired|not yet valid|hostname mismatch|cipher|protocol version|pkix|bad certificate'),
  },
  {
    name: 'expired',
    asked: /\b(?:expir\w*|ran out|run out|outdated|no longer valid|too old|stale|lapsed|past its|renew\w*|out of date)\b/i,
    logged: list('expired|expires|expiry|expiration|not valid after|no longer valid|stale|renewal|lapsed|outdated|ttl'),
  },
  {
    name: 'name resolution',
    asked: /\b(?:dns|resolv\w*|lookup|look up|host ?names?|name server|domain|find (?:the |its |their )?(?:host|server|address)|(?:know|knows|tell) where|address book)\b/i,
    logged: list('dns|name resolution|getaddrinfo|enotfound|eai_again|unknown host|unknownhostexception|nxdomain|servfail|no such host|could not resolve|failed to resolve|name or service not known|temporary failure in name resolution|reverse mapping|lookup'),
  },
  {
    name: 'clock',
    asked: /\b(?:clocks?|time (?:drift|sync|is wrong|was wrong|jump)\w*|drift\w*|ntp|skew\w*|out of sync|wrong time|in the future|timestamps?)\b/i,
    logged: list('clock|clock skew|skew|ntp|time sync|synchronized|drift|time jumped|in the future|offset|step|chrony'),
  },
  {
    name: 'missing',
    asked: /\b(?:miss(?:ing|ed)|not (?:be )?found|(?:can(?:no|')?t|couldn['’]?t|could not|unable to|did(?:n['’]?t| not)) find|lost|gone|does(?:n['’]?t| not) exist|nowhere to be|absent|no such|dead links?|broken links?|unknown)\b/i,
    logged: list('not found|no such file|no such|does not exist|missing|404|enoent|cannot find|could not find|unable to find|filenotfoundexception|nosuchelement|classnotfoundexception|undefined|null|nullpointerexception|unknown|lost|invalid reference|absent'),
  },
  {
    name: 'not valid',
    asked: /\b(?:invalid|malformed|garbage|gibberish|nonsense|bad (?:input|request|data|format|value)|wrong(?:ly)? (?:format|formatted|type|input|data|value)|(?:can(?:no|')?t|couldn['’]?t|could not|unable to) (?:read|understand|parse|decode|make sense|interpret)|unreadable|unparse?able|typo\w*|mis(?:config|spell|typed)\w*|not understood|syntax|broken (?:input|data|file|image|picture|config)|config\w*|settings?)\b/i,
    logged: list('invalid|malformed|parse error|cannot parse|failed to parse|unexpected token|syntax error|illegal|bad request|400|validation failed|unrecognized|unknown key|unknown option|unknown directive|unknown field|not a valid|cannot identify|decode|jsondecodeerror|yaml|schema|typeerror|valueerror|numberformatexception|configuration|config'),
  },
  {
    name: 'corrupt',
    asked: /\b(?:corrupt\w*|damag\w*|checksum\w*|crc|parity|integrity|bit ?rot|mangled|truncat\w*|broken data|ecc)\b/i,
    logged: list('corrupt|corrupted|corruption|checksum|crc|parity|mismatch|integrity|invalid page|truncated|bad block|ecc|digest|unexpected eof'),
  },
  {
    name: 'hardware',
    asked: /\b(?:hardware|disk (?:error|fail|problem|dying)\w*|drive (?:error|fail|problem|dying)\w*|temperature|overheat\w*|hot|heat|fan|fans|power|voltage|cpu|processor|sensor\w*|battery|machine check)\b/i,
    logged: list('hardware|i/o error|io error|bad sector|smart|temperature|thermal|overheating|fan|power|voltage|machine check|mce|cpu|throttled|parity|ecc|sensor|link error|battery|uncorrectable|medium error'),
  },
  {
    name: 'payment',
    asked: /\b(?:pa(?:y|ys|id|ying)|payments?|charg(?:e|es|ed|ing)|money|bill(?:ed|ing|s)?|credit cards?|cards?|check(?:ing)? ?out|refund\w*|purchas\w*|buy(?:ing|s)?|invoice\w*|transaction\w*)\b/i,
    logged: list('payment|payments|charge|card|declined|authorization|authorize|authorizing|capture|captured|billing|invoice|checkout|refund|transaction|issuer|psp|settlement'),
  },
  {
    name: 'order',
    asked: /\b(?:orders?|purchas\w*|buy(?:ing|s)?|bought|shopp\w*|carts?|baskets?|check(?:ing)? ?out|customers?|parcels?|deliver(?:y|ies|ed)|shipments?|shipped|packages?)\b/i,
    logged: list('order|orders|cart|basket|checkout|purchase|shipment|parcel|delivery|reservation|shipping|fulfilment|dispatch'),
  },
  {
    name: 'stock',
    asked: /\b(?:stock\w*|inventor\w*|sold out|availab\w*|warehouse\w*|items? (?:left|missing)|shelf|shelves|oversold|goods)\b/i,
    logged: list('stock|inventory|warehouse|reservation|reserve|reserved|sku|out of stock|sold out|backorder|oversold|availability'),
  },
  {
    name: 'mail',
    asked: /\b(?:e-?mails?|mails?|inbox\w*|messages? (?:to|for) (?:customers?|users?)|newsletter\w*|notif\w*|confirmations?|receipts?|post office)\b/i,
    logged: list('mail|email|smtp|mailer|bounce|bounced|deferred|recipient|relay|notification|notify|newsletter|message id|mailbox|postfix'),
  },
  {
    name: 'search',
    asked: /\b(?:search\w*|find(?:ing)? products?|catalog\w*|look(?:ing)? (?:for|up) products?|suggestions?|recommend\w*)\b/i,
    logged: list('search|index|catalog|query|indexing|reindex|suggest|recommendation|shard'),
  },
  {
    name: 'image',
    asked: /\b(?:images?|pictures?|photos?|thumbnails?|avatars?|graphics?|uploads?)\b/i,
    logged: list('image|thumbnail|picture|photo|upload|resize|png|jpeg|cannot identify image|avatar|media'),
  },
  {
    name: 'database',
    asked: /\b(?:databases?|db|sql|quer(?:y|ies)|tables?|rows?|replica\w*|primary|records? (?:could|can)|persist\w*|(?:sav|stor|writ)(?:e|es|ed|ing)?|data store)\b/i,
    logged: list('database|sql|query|statement|postgres|relation|replica|replication|wal|checkpoint|transaction|duplicate key|constraint|insert into|vacuum|tablespace|recovery mode|jdbc|could not extend|could not record'),
  },
  {
    name: 'replication',
    asked: /\b(?:replica\w*|standby|followers?|secondar(?:y|ies)|copies|mirror\w*|fail(?:ed)? ?over|leader\w*|elect\w*|quorum|master|voted?)\b/i,
    logged: list('replica|replication|standby|follower|secondary|failover|leader|election|elected|quorum|following|leading|looking|vote|master|sync|in sync|recovery mode|under replicated|replicate'),
  },
  {
    name: 'duplicate',
    asked: /\b(?:duplicat\w*|twice|two times|double\w*|already (?:there|exists?|taken|used)|same (?:one|thing|id|key) again|repeat(?:ed|edly)?|collision|clash\w*|unique\w*)\b/i,
    logged: list('duplicate|duplicate key|already exists|unique constraint|conflict|already registered|already in use|409|redelivered|twice|address already in use|idempotency'),
  },
  {
    name: 'migration',
    asked: /\b(?:migrat\w*|schema|upgrad\w*|rollout|roll(?:ed|ing)? (?:out|back)|rollback|deploy\w*|releas\w*|new version|updat(?:e|ed|es|ing)|shipped|pushed out|columns?)\b/i,
    logged: list('migration|migrate|schema|column does not exist|relation does not exist|rolling back|rollback|rolled back|deploy|deployed|deployment|release|upgrade|upgraded|version|rollout|scaled|revision|updated'),
  },
  {
    name: 'scheduled job',
    asked: /\b(?:cron|schedul\w*|nightly|jobs?|batch|periodic\w*|backup\w*|back(?:ed|ing)? up|overnight|timer|reports?)\b/i,
    logged: list('cron|scheduled|scheduler|job|missed|skipped|backup|nightly|batch|task|timer|report|run'),
  },
  {
    name: 'queue',
    asked: /\b(?:queues?|queued|kafka|consumers?|brokers?|messages?|topics?|events? (?:pil|back|wait)\w*|backlog|pil(?:e|es|ed|ing) up|workers?|background|put back|redeliver\w*|dead letters?)\b/i,
    logged: list('queue|queued|requeue|put back|consumer|consumer lag|rebalance|rebalancing|offset|broker|topic|partition|dead letter|redelivered|worker|task|backlog|message'),
  },
  {
    name: 'cache',
    asked: /\b(?:cach\w*|stampede|cold|warm(?:ed|ing)? up|thundering|hit rate|memoi[sz]ed|stale)\b/i,
    logged: list('cache|cache miss|cache hit|stampede|evicted|eviction|redis|memcached|maxmemory|cold|warmup|hit ratio|stale|invalidated'),
  },
  {
    name: 'placement',
    asked: /\b(?:pods?|containers?|nodes?|kubernetes|k8s|cluster|schedul\w*|pending|place(?:d|ment)?|capacity|room for|probe\w*|health ?checks?|instances?|machines?|hosts?)\b/i,
    logged: list('failedscheduling|insufficient cpu|insufficient memory|nodes are available|pulling image|imagepullbackoff|errimagepull|back off|liveness probe|readiness probe|probe failed|unhealthy|evicted|notready|node not ready|container|pod|instance|spawned|scaled|host|no valid host'),
  },
  {
    name: 'image pull',
    asked: /\b(?:pull\w*|registry|download\w*|fetch\w*)\b/i,
    logged: list('imagepullbackoff|errimagepull|failed to pull|pulling image|manifest unknown|registry|download|fetch|fetching|failed to fetch'),
  },
  {
    name: 'proxy',
    asked: /\b(?:gateway|prox(?:y|ies)|load ?balancer|upstream|backend\w*|front ?end|website|site|pages?|visitors?|browsers?|web ?server|edge)\b/i,
    logged: list('upstream|bad gateway|502|503|504|proxy|no live upstreams|upstream prematurely closed|upstream timed out|gateway|backend|service unavailable|client closed|mod_jk|workerenv'),
  },
  {
    name: 'server error',
    asked: /\b(?:errors? pages?|5\d\ds?|broken|break(?:s|ing)?|blank|white page|something went wrong|internal errors?|not working|does(?:n['’]?t| not) work|stopped working|unavailable|outage\w*|down)\b/i,
    logged: list('internal server error|500|502|503|504|unavailable|service unavailable|exception|unhandled|error|failed|bad gateway'),
  },
  {
    name: 'exception',
    asked: /\b(?:exceptions?|stack ?traces?|bugs?|(?:null|nil) ?(?:pointer|reference)?|program(?:ming)? (?:error|mistake)s?|code (?:error|bug|mistake)s?|tracebacks?|divid\w+|division|out of (?:bounds|range))\b/i,
    logged: list('exception|traceback|nullpointerexception|null pointer|nil pointer dereference|typeerror|undefined is not|cannot read|index out of|panic|runtime error|division by zero|keyerror|attributeerror|stack|caused by|illegalstateexception|arrayindexoutofbounds'),
  },
  {
    name: 'retry',
    asked: /\b(?:retr(?:y|ies|ied|ying)|again and again|over and over|another (?:try|attempt|go)|repeated(?:ly)? tr(?:y|ied|ying)|attempts?|tried again|keeps? (?:trying|asking|calling)|second chance)\b/i,
    logged: list('retry|retrying|will retry|attempt|attempts|already tried|giving up|gave up|backoff|again|reconnect|requeued'),
  },
  {
    name: 'circuit breaker',
    asked: /\b(?:circuit|breaker|fail(?:ing)? fast|protect\w*|shed(?:ding)?|fallback|degraded)\b/i,
    logged: list('circuit|breaker|circuit breaker|half open|fallback|fail fast|load shedding|degraded|short circuit|bulkhead'),
  },
  {
    name: 'feature flag',
    asked: /\b(?:feature|flags?|toggle\w*|experiment\w*|a\/b)\b/i,
    logged: list('feature|flag|toggle|experiment|variant|feature flag'),
  },
  {
    name: 'session',
    asked: /\b(?:sessions?|logged out|log(?:ged)? off|sign(?:ed)? out|thrown out|kicked out)\b/i,
    logged: list('session|session opened|session closed|session expired|expired session|logged out|logout|disconnected|invalidated|revoked'),
  },
  {
    name: 'file transfer',
    asked: /\b(?:ftp|transfer\w*|upload\w*|download\w*|copy|copied|copying|blocks?)\b/i,
    logged: list('ftp|ftpd|transfer|upload|download|connection from|received|sent|block|bytes|replicate|copied'),
  },
  {
    name: 'privilege',
    asked: /\b(?:root|sudo|admin\w*|superuser|became|switch(?:ed)? user|elevat\w*|privileg\w*)\b/i,
    logged: list('root|sudo|su|session opened for user root|uid 0|admin|administrator|privileges|superuser'),
  },
  {
    name: 'fraud',
    asked: /\b(?:fraud\w*|suspicio\w*|scam\w*|stolen|abuse|risk\w*|odd|strange|unusual)\b/i,
    logged: list('fraud|suspicious|risk|blocked|blacklist|score|review|chargeback|possible break in|anomaly'),
  },
  {
    name: 'price',
    asked: /\b(?:pric\w*|currenc\w*|exchange|rates?|coupons?|discounts?|vouchers?|promo\w*|tax\w*|costs?)\b/i,
    logged: list('price|pricing|currency|exchange rate|rates|coupon|discount|voucher|promotion|tax|amount'),
  },
  {
    name: 'scale',
    asked: /\b(?:scal(?:e|ed|es|ing)|autoscal\w*|more (?:instances|machines|copies|replicas|pods)|added (?:capacity|nodes|machines)|grew|shr[aiu]nk)\b/i,
    logged: list('scaled|scaling|scale up|scale down|autoscaler|replicas|horizontal pod autoscaler|desired|capacity|resized|successfulrescale'),
  },
  {
    name: 'read only',
    asked: /\b(?:read[- ]?only|(?:can(?:no|')?t|cannot|unable to|could not|no longer) (?:write|change|modify|update|save))\b/i,
    logged: list('read only|readonly|cannot execute|remounting|read only file system|erofs|in a read only transaction|safe mode'),
  },
  {
    name: 'too large',
    asked: /\b(?:too (?:big|large|long)|size|oversize\w*|huge|giant|enormous|exceed\w*)\b/i,
    logged: list('too large|too long|413|entity too large|exceeds|maximum|max size|message too big|payload|client intended to send too large body|value too long|oversized'),
  },
]

/** Words by which a question says that something went wrong. */
const trouble =
  /\b(?:n['’]t|not|no|never|nobody|cannot|can['’]?t|could ?n['’]?t|won['’]?t|unable|fail\w*|error\w*|problem\w*|trouble\w*|broke\w*|wrong|refus\w*|reject\w*|declin\w*|den(?:y|ied)|lost|los(?:e|es|ing)|stuck|crash\w*|died|dead|down|slow\w*|time(?:d|s)? ?out\w*|full|exhaust\w*|missing|miss(?:ed|es)|bad|invalid|unavailable|unreachable|outage\w*|incident\w*|complain\w*|issue\w*|kill\w*|out of|too (?:many|much|long|slow|big)|stopp\w*|why|angry|vanish\w*|disappear\w*|hang\w*|hung|froz\w*|freez\w*|leak\w*|corrupt\w*|attack\w*|break\w*)\b/i

/** The concepts that a question speaks of. */
export function conceptsOf(question: string): Concept[] {
  return concepts.filter((concept) => concept.asked.test(question))
}

/** True for a question about something that went wrong. */
export function isAboutTrouble(question: string): boolean {
  return trouble.test(question)
}
