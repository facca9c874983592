/** Machines: storage, memory, processors, starting and stopping, what runs where. As read-entries.ts reads it. */
export const machines = `
the disk is full, storage has run out of room, nothing can be saved or written any more
= no space left; disk full; volume is full; volume full; filesystem full; enospc; disk quota;
   could not extend; not enough space; insufficient space; insufficient disk; out of disk
? disk full; full disk; no space left; out of disk space; out of disk
the disk is filling up, storage is about to run out of room
= volume usage; disk usage; low disk; free disk space; free space; disk space; running low on
   space; high watermark
nothing can be written, saved, changed or modified any more, only read
= read only; readonly; erofs; safe mode; cannot execute insert; cannot execute update
? read only
the disk is broken, a drive is dying, data cannot be read from it
= i o error; io error; bad sector; bad block; medium error; uncorrectable; smart error;
   unrecovered read; disk failure
? disk failure; disk error; bad sector; i o error
the data is damaged, broken or mangled
= corrupt; checksum; crc error; crc mismatch; invalid page; bad magic; digest mismatch;
   integrity check
? corruption; corrupt; corrupted; checksum
the data ends too early, only a part of it arrived, it was cut off
= truncated; unexpected eof; unexpected end; premature end; incomplete read; short read;
   prematurely closed
a copy of all data is being written to disk, a backup or save point
= snapshot; checkpoint complete; checkpoint starting; background saving; dump completed; backup;
   backup completed
the periodic save of the data could not be done
= checkpoint failed; could not write; snapshot failed; bgsave error; failed to save; error
   writing; failed to persist
memory ran out, the program was killed for using too much RAM
= out of memory; outofmemoryerror; oom; oomkilled; cannot allocate; heap space; heap out of
   memory; killed process; memory limit; exit code 137
? out of memory; oom; oomkilled; oom kill; oom killer; outofmemoryerror
memory is getting tight, too much RAM is in use
= memory usage; memory pressure; heap usage; high memory; low memory; memory leak; swap usage
the program freezes for a moment to clean up unused memory, it stops and pauses
= gc pause; full gc; garbage collection; gc overhead; evacuation pause; stop the world; jvm
   pause; pause in jvm
? garbage collection; gc pause; full gc
the machine is overloaded, the processor is too busy
= cpu usage; high cpu; load average; high load; overloaded; overload; cpu throttling; soft
   lockup; blocked for more than
the hardware is faulty, a part of the machine is broken
= machine check; mce; parity error; ecc; hardware error; pci error; link error; sensor; power
   supply; power failure; voltage; battery
? machine check; hardware error; parity error; power failure
how much memory, processor and disk there is, the size of the machine
= memory available; total memory; total vcpu; vcpu limit; memory mb; disk gb; physical ram;
   memory limit; usable
the program keeps crashing and is started again and again
= crashloopbackoff; back off restarting; restarting failed; respawning; restart count; crash
   loop
? crashloopbackoff; crash loop; crashloop
a process ended with an error, it stopped abnormally
= exited abnormally; exit code; exit status; exited with; non zero; terminated by signal; exited
   on signal; exited
the program started, it came up and is ready for work
= started; startup; starting; initialized; listening on; ready to accept; server started;
   startup succeeded
the machine was powered on, booted or rebooted
= kernel command line; linux version; booting; bios; reboot; system boot; power on; powered on
the program was stopped, shut down on purpose or is going away
= shutdown; shutting down; stopped; stopping; sigterm; terminating; going down; draining;
   exiting
a health check failed, the program does not show that it is alive or ready
= probe failed; liveness probe; readiness probe; health check; healthcheck; unhealthy; not
   ready; notready; heartbeat; heartbeat missed
? health check; liveness probe; readiness probe
the server failed to handle the request, an internal error
= internal server error; http 500; status 500; server error
what was asked for is not there, a page or file does not exist
= not found; no such file; enoent; does not exist; filenotfoundexception; no such; missing file;
   status 404
the visitor left before the answer was ready
= client closed; client prematurely; client disconnected; request aborted; client gone
an upload or request is too big and is refused or put aside
= too large; entity too large; request body is buffered; exceeds the maximum; message too big;
   value too long; oversized; too big
all workers are busy, new work is turned away
= rejectedexecutionexception; rejected execution; task rejected; thread pool; queue is full;
   queue full; no available worker; no free worker; saturated; buffer full
? thread pool; rejectedexecutionexception
too many files or sockets are open
= too many open files; emfile; enfile; file descriptor; no free port; cannot assign requested
   address
? too many open files; file descriptor; emfile
it stopped asking a failing service for a while to protect itself
= circuit breaker; circuit open; circuit; half open; fail fast; fallback; load shedding;
   degraded
? circuit breaker
old entries are thrown out to make room
= evicted; eviction; purged; purging; expiring entries; removing old; pruned; pruning; log
   rotation; logrotate
there is no machine with room to run it, it waits to be placed
= failedscheduling; insufficient cpu; insufficient memory; nodes are available; no valid host;
   unschedulable; pending pod
the right to keep something open could not be renewed
= renew lease; lease expired; lease renewal; lost lease; lock expired; failed to renew
a virtual machine was created, it came up
= instance spawned; vm started; instance created; building instance; spawning; spawned
   successfully
a virtual machine was deleted, removed or stopped
= terminating instance; instance destroyed; deleting instance; vm stopped; destroyed
   successfully
what is recorded differs from what really is, the books do not match
= did not match; mismatch; inconsistent; inconsistency; out of sync; differs; discrepancy; while
   synchronizing
things that nobody uses any more are left over
= orphaned; orphan; stale; dangling; unused; leftover; zombie
the clock of the machine is wrong, its time is off or cannot be compared with other clocks
= clock; ntp; time sync; clock skew; skew; drift; selectable sources; time jump; system time
? clock skew; ntp; clock drift
how far the work has got
= progress; percent complete; processed of; rows imported; imported
a job was left out because the one before had not finished yet
= previous run still; still holds; still running; already running; overlapping run; lock is
   held; another instance is running
a drive is going bad, parts of it cannot be read any more
= unreadable sectors; pending sectors; currently unreadable; reallocated sector; smart failure;
   predictive failure
? smart failure; failing drive
one of several mirrored disks failed, the data is no longer kept twice
= raid degraded; array degraded; degraded mode; disk removed from array; rebuild started;
   resilver
? raid
the power went out, the machine runs on battery
= on battery; power outage; power lost; ups; low battery; power restored
? power outage
a drive or network folder could not be attached or was taken away
= mount failed; failed to mount; unable to attach; multi attach; unmounted; failed attach
   volume; stale file handle; mount point
? mount failure; failed mount
the program is started again by the system after it stopped
= scheduled restart; restart counter; restart job; restarted by; main process exited; restarting
   service
the network address is already taken by another program
= address already in use; eaddrinuse; port already in use; bind failed; failed to bind; port is
   already allocated
? port conflict; address already in use
a library or part of the program is missing
= class not found; classnotfoundexception; module not found; modulenotfounderror; cannot find
   module; no module named; noclassdeffounderror; cannot open shared object; undefined symbol;
   importerror
two parts of the system have versions that do not fit together
= version mismatch; incompatible version; unsupported version; incompatible; protocol mismatch;
   requires version; schema mismatch
a setting, password or file that the program needs was not given to it
= environment variable; not set; missing required; is required; configmap not found; secret not
   found; createcontainerconfigerror; missing configuration; no such key
the machine or node was taken out of service, work is moved away from it
= cordoned; drained; draining node; unschedulable; maintenance mode; node removed; decommission;
   evicting pods; node not ready
a device was plugged in or found
= usb; new device; device attached; device connected; detected device; link becomes ready;
   registered device
a program was installed, updated or removed
= package installed; installed package; upgraded package; removed package; apt; yum; rpm;
   installing updates; servicing; windows update
the printer does not print
= printer; cups; print job; paper jam; toner
the firewall blocked something
= firewall; iptables; blocked by policy; packet dropped; ufw; connection blocked; denied by rule
? firewall
a virus or unwanted program was found
= virus; malware; trojan; infected; quarantined
? virus; malware; ransomware; trojan
the screen, window or app changed its state
= screen on; screen off; onresume; onpause; activity; foreground; background app; visible window
steps were counted, health data of a wearer
= steps; calories; heart rate; step count
a machine went to sleep or woke up
= sleep; wake; hibernate; suspend; resumed from; low power; dark wake
a program did not react and was ended by force
= force kill; force killed; not responding; anr; watchdog; hung task; killed after; sigkill;
   unresponsive
the processor made an error that was corrected or not
= correctable; uncorrectable error; cache parity; machine check interrupt; data tlb; alignment
   exceptions; ce sym
`
