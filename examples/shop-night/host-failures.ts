import type { Night } from './generate.ts'

/** What goes wrong on the machines, as their syslogs say. */
export function hostFailures({ random, at, say }: Night): void {
  const log = (service: string, host: string, when: number, text: string) => {
    const head = service === 'kernel' ? 'kernel:' : `${service}[${random.int(300, 9000)}]:`
    say(service, when, `${head} ${text}`, 'syslog', host)
  }
  // 21:40: the nightly copy does not fit.
  for (let count = 0; count < 6; count++) {
    const file = `/srv/backup/ledger/base.${random.int(100, 999)}`
    const text = `rsync: [receiver] write failed on "${file}": No space left on device (28)`
    log('rsyncd', 'backup-1', at(3, 2400 + count * 4), text)
  }
  // 22:15: a search node dies of its heap.
  const killed = at(4, 900)
  const java = 'Out of memory: Killed process 2211 (java) total-vm:9120412kB, anon-rss:7719004kB'
  log('kernel', 'search-3', killed, java)
  const unit = 'search.service: Main process exited, code=killed, status=9/KILL'
  log('systemd', 'search-3', killed + 300, unit)
  log(
    'systemd',
    'search-3',
    killed + 5400,
    'search.service: Scheduled restart job, restart counter is at 3.',
  )
  // 23:05: the clock of batch-1 runs away, and 02:00 comes without its job.
  log('chronyd', 'batch-1', at(5, 300), 'System clock wrong by 94.217 seconds')
  log('chronyd', 'batch-1', at(5, 420), "Can't synchronise: no selectable sources")
  const missed = 'Job `nightly-settlement` skipped: previous run still holds /run/settlement.lock'
  log('anacron', 'batch-1', at(8), missed)
  // 00:10: somebody guesses passwords.
  for (let count = 0; count < 55; count++) {
    const name = random.pick(['root', 'admin', 'oracle', 'pi'])
    const text = `Failed password for invalid user ${name} from 192.0.2.200 port ${random.int(30_000, 60_000)} ssh2`
    log('sshd', 'bastion-1', at(6, 600 + count * 6), text)
  }
  log('sshd', 'bastion-1', at(6, 1000), 'error: maximum authentication attempts exceeded for root')
  // 01:50: a drive goes, and its file system with it.
  const disk = at(7, 3000)
  log(
    'smartd',
    'db-7',
    disk - 900_000,
    'Device: /dev/sdb [SAT], 8 Currently unreadable (pending) sectors',
  )
  log(
    'kernel',
    'db-7',
    disk,
    'blk_update_request: I/O error, dev sdb, sector 488397168 op 0x0:(READ)',
  )
  log('kernel', 'db-7', disk + 900, 'EXT4-fs (sdb1): Remounting filesystem read-only')
  // 02:20: a cable.
  log('kernel', 'edge-2', at(8, 1200), 'igb 0000:03:00.0 eth0: igb: eth0 NIC Link is Down')
  log('kernel', 'edge-2', at(8, 1231), 'igb 0000:03:00.0 eth0: igb: eth0 NIC Link is Up 1000 Mbps')
  // 02:45: too warm, then too many files.
  const hot = 'CPU4: Core temperature above threshold, cpu clock throttled (total events = 118)'
  log('kernel', 'search-3', at(8, 2700), hot)
  for (let count = 0; count < 5; count++) {
    log('haproxy', 'edge-2', at(9, 300 + count * 9), 'accept: Too many open files (EMFILE)')
  }
  log(
    'dockerd',
    'batch-1',
    at(9, 1500),
    'pull of registry.example/exports:2.4 failed: manifest unknown',
  )
  log(
    'kernel',
    'db-7',
    at(9, 2400),
    'TCP: request_sock_TCP: Possible SYN flooding on port 5432. Sending cookies.',
  )
  log(
    'sudo',
    'bastion-1',
    at(9, 2700),
    'hugo : command not allowed ; USER=root ; COMMAND=/usr/bin/cat /etc/shadow',
  )
}
