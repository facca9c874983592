/**
 * Lines as programs of many kinds write them, made up for this, each list by one statement of its program: the lines
 * of a list are one pattern, and no two lists share one.
 */
export const statements: readonly (readonly string[])[] = [
  // Addresses, ports, sizes with units.
  [
    'gate.corp.example.org:5070 close, 451 bytes sent, 353 bytes received, lifetime 00:01',
    'www.shop.example.com:443 close, 0 bytes sent, 12 bytes received, lifetime <1 sec',
    '10.3.2.1:80 close, 7,451 bytes sent, 3,353 bytes received, lifetime 02:11:01',
  ],
  [
    'gate.corp.example.org:5070 close, 15,739 bytes (15.3 KB) sent, 8,221 bytes (8.02 KB) received, lifetime 00:01',
    'mail.example.net:993 close, 1,739,000 bytes (1.65 MB) sent, 821 bytes (821 bytes) received, lifetime 00:07',
  ],
  [
    'gate.corp.example.org:5070 open through proxy gate.corp.example.org:5070 HTTPS',
    'api.example.io:443 open through proxy 10.0.0.9:1080 HTTPS',
  ],
  // A callback with a time and a list of counters behind its colon.
  ['onTick:1514038530000 0 0 4', 'onTick:1514038590000 14 0 4', 'onTick:1514038650000 9 2 11'],
  ['onStepsChanged 3579', 'onStepsChanged 12'],
  ['sumEnergyWithCache totalEnergy=126775', 'sumEnergyWithCache totalEnergy=9'],
  [
    'getDayDetail = 1514038440000##6993##548365##8661##12266##27164404',
    'getDayDetail = 1514038440001##7##0##8661##12266##27',
  ],
  [
    'dispatchAction action:android.intent.action.SCREEN_ON',
    'dispatchAction action:android.intent.action.TIME_TICK',
    'dispatchAction action:com.example.sync.START',
  ],
  ['onReceive action: android.intent.action.SCREEN_ON', 'onReceive action: com.example.sync.START'],
  // Kernels and machines.
  ['generating core.2275', 'generating core.17'],
  ['instruction cache parity error corrected'],
  ['data cache parity error corrected'],
  [
    'critical input interrupt (unit=0x0b bit=0x1b): warning for torus y- wire, suppressing further interrupts',
    'critical input interrupt (unit=0x0c bit=0x02): warning for torus x+ wire, suppressing further interrupts',
  ],
  ['CE sym 2, at 0x0b85eee0, mask 0x05', 'CE sym 33, at 0x1fffffe0, mask 0x80'],
  ['iar 00106570 dear 0245a11c', 'iar 003a9864 dear deadbeef'],
  [
    'loaderd: Error loading /g/g24/ann/app/raptor.16: invalid or missing program image, No such file or directory',
    'loaderd: Error loading /home/bob/x: invalid or missing program image, No such file or directory',
  ],
  [
    'loaderd: Error loading /g/g24/ann/app/raptor.16: invalid or missing program image, Permission denied',
  ],
  [
    'loaderd: LOGIN chdir(/home/ann/work) failed: No such file or directory',
    'loaderd: LOGIN chdir(/p/gb1/bob/tests/4K.2) failed: No such file or directory',
  ],
  [
    'switch controller performing bit sparing on R01-M1-L3-U19-D bit 3',
    'switch controller performing bit sparing on R12-M0-L0-U03-A bit 11',
  ],
  [
    'shutting down node card(loc(R00-M0-N0), serial(203131503833343030), lp(FF:F2:9F:16:E7:E3:00:0D:60:E9:18:17), ip(10.1.0.97), type(4))',
    'shutting down node card(loc(R21-M1-N8), serial(203131503833343031), lp(FF:F2:9F:16:DB:AA:00:0D:60:E9:18:CC), ip(10.1.1.9), type(4))',
  ],
  ['DHCPDISCOVER from 00:11:43:e3:ba:c3 via eth1', 'DHCPDISCOVER from aa:bb:cc:dd:ee:ff via eth0'],
  [
    'neighbour fe80::1ff:fe23:4567:890a is reachable',
    'neighbour ::1 is reachable',
    'neighbour 2001:db8::a:b is reachable',
  ],
  [
    'Component State Change: Component "alt0" is in the unavailable state (HWID=3180)',
    'Component State Change: Component "SCSI-WWID:01000010:6005-08b4-0001" is in the unavailable state (HWID=2477)',
  ],
  [
    'State of part \\042alt0\\042 was lost (HWID=3180)',
    'State of part \\042SCSI-WWID:01000010:6005-08b4-0001\\042 was lost (HWID=2477)',
  ],
  ['Fan speeds ( 3552 3534 3375 4245 )', 'Fan speeds ( 3552 3534 3375 4245 3515 3479 )'],
  ['Temperature (39C) exceeds warning threshold', 'Temperature (41C) exceeds warning threshold'],
  [
    'inconsistent nodesets node-31 0x1fffffffe <ok> node-0 0xfffffffe <ok>',
    'inconsistent nodesets node-31 0x1fffffffe <ok> node-0 0xfffffffe <ok> node-1 0xfffffffe <ok>',
  ],
  ['service domain storage2 is full', 'service domain storage442 is full'],
  [
    'update() got no answer from any [Cluster_A8] datasource',
    'update() got no answer from any [Cluster_C3] datasource',
  ],
  [
    'SCSI device sda: 143374744 512-byte hdwr sectors (73408 MB)',
    'SCSI device sda: 976773168 512-byte hdwr sectors (500108 MB)',
  ],
  [
    'Targeting domains:node-D1 and nodes:node-[40-63] child of command 3047',
    'Targeting domains:node-D12 and nodes:node-7 child of command 9',
  ],
  // Logins.
  [
    'maximum authentication attempts exceeded for root from 10.0.0.9 port 17 ssh2 [preauth]',
    'maximum authentication attempts exceeded for ann from 10.0.0.8 port 1789 ssh2 [preauth]',
  ],
  [
    'chrome.exe - gate.corp.example.org:5070 open directly',
    'mailer.exe *64 - 10.0.0.9:443 open directly',
  ],
  [
    'Failed password for invalid user webmaster from 173.0.2.6 port 38926 ssh2',
    'Failed password for invalid user ftp-user from 10.0.2.7 port 2926 ssh2',
    'Failed password for invalid user 0101 from 10.0.2.7 port 2926 ssh2',
    'Failed password for invalid user svc.deploy from 10.0.2.7 port 2926 ssh2',
  ],
  [
    'Failed password for root from 173.0.2.6 port 38926 ssh2',
    'Failed password for ann-lee from 173.0.2.6 port 38926 ssh2',
  ],
  ['Invalid user webmaster from 173.0.2.6', 'Invalid user oracle from 10.0.2.7'],
  [
    'input_userauth_request: invalid user webmaster [preauth]',
    'input_userauth_request: invalid user x11 [preauth]',
    'input_userauth_request: invalid user a-b [preauth]',
  ],
  [
    'Too many authentication failures for admin [preauth]',
    'Too many authentication failures for root [preauth]',
  ],
  [
    'reverse mapping checking getaddrinfo for ns.shop.example.com [173.0.2.6] failed',
    'reverse mapping checking getaddrinfo for 190-7-1-2.dsl.example.net [10.0.2.7] failed',
  ],
  ['session opened for user ann by (uid=0)', 'session opened for user bob by (uid=0)'],
  [
    'Received disconnect from 173.0.2.6: 11: Bye Bye [preauth]',
    'Received disconnect from 10.0.2.7: 11: Bye Bye [preauth]',
  ],
  ['Received disconnect from 173.0.2.6: 3: com.example.ssh.SshException: Auth fail [preauth]'],
  // Blocks, tasks, files.
  ['Found block rdd_42_20 locally', 'Found block rdd_2_2 locally'],
  [
    'Received block blk_-1608999687919862906 of size 91178 from /10.250.10.6',
    'Received block blk_33 of size 67108864 from /10.250.1.16',
  ],
  [
    'BLOCK* Names.allocate: /user/ann/rand/_tmp/_task_200811101024_0001_m_001611_0/part-01611. blk_-18',
    'BLOCK* Names.allocate: /mnt/x/part-00001. blk_7',
  ],
  [
    'BLOCK* Names.delete: blk_-18 is added to the invalid set of 10.1.2.3:50010',
    'BLOCK* Names.delete: blk_77 is added to the invalid set of 10.1.2.4:50010',
  ],
  [
    'BLOCK* ask 10.1.2.3:50010 to delete blk_1 blk_2 blk_-3',
    'BLOCK* ask 10.1.2.4:50010 to delete blk_9',
  ],
  [
    '10.251.30.179:50010:Got exception while serving blk_-22 to /10.251.90.239:',
    '10.251.30.180:50010:Got exception while serving blk_3 to /10.251.90.1:',
  ],
  [
    '10.251.30.179:50010:Served block blk_-22 to /10.251.90.239',
    '10.251.30.180:50010:Served block blk_3 to /10.251.90.1',
  ],
  [
    'writeBlock blk_9 received exception java.io.IOException: Connection reset by peer',
    'writeBlock blk_-1 received exception java.io.IOException: Connection reset by peer',
  ],
  ['writeBlock blk_9 received exception java.net.SocketTimeoutException: 480000 millis timeout'],
  [
    'child.id is deprecated. Instead, use job.task.child.id',
    'job.is.map is deprecated. Instead, use job.task.ismap',
  ],
  [
    "Successfully started service 'workerActorSystem' on port 55904.",
    "Successfully started service 'org.example.net.TransferService' on port 404.",
  ],
  [
    'Times: total = 41, boot = -5, init = 26, finish = 0',
    'Times: total = 140, boot = 15, init = 126, finish = 10',
  ],
  [
    'Input split: hdfs://10.10.34.11:9000/logs/2k.log:29168+7292',
    'Input split: s3://bucket/logs/x.log:0+7292',
  ],
  // Web servers.
  [
    'jk2_init() Found child 6725 in scoreboard slot 10',
    'jk2_init() Found child 7 in scoreboard slot 1',
  ],
  [
    'workerEnv.init() ok /etc/httpd/conf/workers2.properties',
    'workerEnv.init() ok /opt/w.properties',
  ],
  ['workerEnv.stop() ok /etc/httpd/conf/workers2.properties'],
  [
    '[client 218.144.240.75] Directory index forbidden by rule: /var/www/html/',
    '[client 10.0.0.5] Directory index forbidden by rule: /srv/www/',
  ],
  // Key and value in all their ways.
  [
    'acquire lock=233570404, flags=0x1, tag="View Lock", name=com.example.systemui, ws=null, uid=10037, pid=2227',
    'acquire lock=1661, flags=0x0, tag="RILJ", name=phone, ws=WorkSource{10113}, uid=1001, pid=22',
    'acquire lock=1661, flags=0x0, tag="*job*/com.example/.Sync Service", name=phone, ws=?, uid=1001, pid=22',
  ],
  [
    'printFreezing opening app token = AppToken{9f4ef63 token=Token{a64f992 Record{de9231d u0 com.example.qt/.activity.Main t761}}}, allDrawn= false, startingDisplayed =  false, moved =  false',
    'printFreezing opening app token = AppToken{df0798e token=Token{78af589 Record{3b04890 u0 com.sample.mm/.ui.Launcher t12}}}, allDrawn= true, startingDisplayed =  true, moved =  false',
  ],
  [
    'ready=true,policy=3,wakefulness=1,wksummary=0x1,bootcompleted=true,mode=false,manual=38,auto=-1,adj=0.0',
    'ready=false,policy=0,wakefulness=2,wksummary=0x23,bootcompleted=false,mode=true,manual=3,auto=-1,adj=1.0',
  ],
  ['setLightsOn(true)', 'setLightsOn(false)'],
  ['Online with opt-in: False', 'Online with opt-in: True'],
  [
    'Session: 30546173_4261722401 initialized by client UpdateAgent.',
    'Session: 3_42 initialized by client SPP.',
  ],
  [
    'Loaded Servicing Stack v6.1.7601.23505 with Core: C:\\Windows\\winsxs\\amd64_microsoft-windows-servicingstack_31bf3856ad364e35_6.1.7601.23505_none_681aa442f6fed7f0\\cbscore.dll',
    'Loaded Servicing Stack v6.1.7600.1 with Core: D:\\Windows\\x\\cbscore.dll',
  ],
  [
    'Read out cached applicability for package: Package_for_KB2928120~31bf3856ad364e35~amd64~~6.1.1.2, ApplicableState: 112, CurrentState:112',
    'Read out cached applicability for package: Sample-Windows-Foundation-Package~31bf3856ad364e35~amd64~en-US~6.1.7601.1, ApplicableState: 80, CurrentState:0',
  ],
  [
    'WcpInitialize (wcp.dll version 0.0.0.6) called (stack @0x7fed806eb5d @0x7fef9fb9b6d)',
    'WcpInitialize (wcp.dll version 0.0.0.6) called (stack @0x7fed806eb5d @0x7fef9fb9b6d @0x7fef9f8358f @0xff83e97c)',
  ],
  ['Failed to get next element [HRESULT = 0x800f080d - E_MANIFEST_INVALID_ITEM]'],
  ['AirPort_Driver::syncPowerState: WWEN[enabled]'],
  [
    'AppleCam::wakeCall - messageType = 0xE0000340',
    'AppleCam::wakeCall - messageType = 0xE0000280',
  ],
  ['AppleCam::wakeThread - messageType = 0xE0000340'],
  ['en0: channel changed to 132,+1', 'en0: channel changed to 6', 'en0: channel changed to 36,-1'],
  // Applications and databases.
  [
    'duplicate key value violates unique constraint "orders_pkey"',
    'duplicate key value violates unique constraint "users_email"',
  ],
  ['order.created id=17 total=3.20', 'order.created id=18 total=11'],
  ['order.refused id=17 total=3.20', 'order.refused id=99 total=1'],
  ['health check passed for db.example.com', 'health check passed for cache.example.net'],
  ['lock state=held owner=worker-1', 'lock state=held owner=cron'],
  ['lock state=free owner=worker-1', 'lock state=free owner=none'],
  ['job 7 done status=ok took=3ms', 'job 8 done status=ok took=1.5s'],
  ['job 7 done status=failed took=3ms'],
  ['pulled image "registry.example.com/shop/cart:1.2.3" in 1.2s', 'pulled image "nginx" in 300ms'],
  ['evicting pod shop/cart-7d9f8b6c5-xkqzp', 'evicting pod shop/cart-5f6b7c8d9-abcde'],
  ['GET /api/v2/orders/1001?full=1 200 12ms', 'GET /health 200 1ms'],
  ['POST /api/v2/orders/1001 200 12ms'],
]
