/** Networks and access: connections, encryption, names, logins and rights, who is in charge. As read-entries.ts reads it. */
export const network = `
nobody listens there, the other side is down and turned the connection away
= connection refused; econnrefused; connect refused; actively refused; no live upstream; host is
   down; service unavailable
the other side hung up, the connection was cut off or lost in the middle
= connection reset; econnreset; broken pipe; epipe; connection closed; connection lost;
   connection broken; connection abort; closed the connection; end of stream; eof exception;
   eofexception; lost connection; server closed; disconnected; socket closed
the machine cannot be reached over the network, there is no way to get to it
= no route to host; noroutetohostexception; unreachable; network is down; cannot open channel;
   failed to connect; could not connect; cannot connect; unable to connect; not reachable; error
   in contacting; connection timed out; retrying connect
no answer came in time, it waited too long and gave up
= timeout; timed out; time out; etimedout; deadline exceeded; no response; not responding;
   sockettimeoutexception; read timed out
names and addresses cannot be looked up, name resolution is broken
= dns; getaddrinfo; enotfound; eai_again; unknownhostexception; unknown host; nxdomain;
   servfail; no such host; could not resolve; name resolution; name or service not known; dial
   tcp lookup; server misbehaving; reverse mapping; resolve host
? dns; name resolution; nxdomain
its address changed, the machine has a different IP now
= address change; ip changed; new address; address changed; dhcp
the link or network card went up or down
= link down; link up; link is down; link is up; no carrier; lost carrier; interface down;
   interface up; port down
encrypted connections fail, the two sides cannot agree on how to secure it
= handshake; handshake failed; ssl error; tls error; unsupported protocol; no shared cipher;
   protocol version; sslexception; wrong version number
? handshake; tls handshake; ssl handshake
the certificate, the proof of identity for encrypted connections, runs out soon or is no longer
   valid and must be renewed
= certificate expired; certificate expires; certificate has expired; certificate will expire;
   cert expires; not valid after; expires soon; expired certificate; x509
? certificate; cert; x509
the identity of the other side cannot be trusted or checked
= certificate verify; unable to verify; self signed; unknown authority; pkix; hostname mismatch;
   untrusted; certificate unknown
visitors of the site get an error page because the server behind it does not answer
= bad gateway; upstream; gateway timeout; no healthy upstream; no live upstreams; status 502;
   status 503; answered 502; answered 503
too many requests at once, callers are slowed down or turned away
= rate limit; rate limited; too many requests; throttled; throttling; limiting requests; quota
   exceeded; limit exceeded; rate exceeded; status 429
? rate limit; rate limiting; rate limited; throttling; throttled; throttle
all connections to the database are taken, too many clients at once, it is overcrowded and lets
   nobody else in
= too many connections; too many clients; connection slots; pool exhausted; pool is exhausted;
   connection is not available; no available connection; connection pool; remaining connection;
   waiting for connection; max_connections; maximum connections
? connection pool; pool exhausted; too many connections
work is handed over between the members of a group
= rebalance; rebalancing; partitions revoked; partitions assigned; reassigned; hand over
? rebalance; rebalancing
someone typed a wrong password or user name and could not log in
= login rejected; login failed; failed login; wrong password; bad password; incorrect password;
   invalid password; invalid credentials; bad credentials; password check failed; authentication
   failed; authentication failure; unknown user; user unknown
? wrong password; login failure; failed login; authentication failure
a stranger is guessing passwords and tries to break in from outside, an attack on the logins
= failed password; invalid user; illegal user; authentication failure; too many authentication
   failures; break in attempt; failed publickey; repeated login failures; brute force
? brute force
tickets of a single sign-on were refused
= kerberos authentication; kerberos; ticket expired; sso failed; saml; ldap bind failed
someone logged in
= login succeeded; accepted password; accepted publickey; session opened; logged in; login
   successful; user login; new session
someone logged out or was disconnected
= session closed; logged out; logout; session ended; sign out
the session ended because nothing was heard for too long, the user was thrown out
= session expired; expiring session; session timeout; session timed; idle timeout; inactivity
the proof of login is no longer accepted, the user has to log in again
= token expired; token rejected; invalid token; jwt expired; token invalid; invalid signature;
   token revoked; expired token; unauthorized; unauthenticated
it is not allowed, there are no rights or permission to do that
= permission denied; access denied; forbidden; not permitted; not allowed; not authorized;
   eacces; eperm; insufficient privilege; accesscontrolexception
someone acts as administrator with elevated rights
= root login; sudo; user root; uid 0; su root; as administrator
someone connects without an account, anonymously
= anonymous; guest login; guest user
? anonymous
something suspicious, possible fraud or an attack
= suspicious; fraud; possible break in; break in attempt; intrusion; malicious; blacklisted;
   attack; port scan; injection; flooding
? fraud; intrusion; port scan
a secret is exposed
= secret exposed; credentials exposed; leaked; plaintext password
a standby copy of the database fell behind, stopped or lost its connection
= replication timeout; walsender; replication slot; replica lag; replication lag; replication
   stopped; replication broken; standby; read replica
? standby; replication; replica
another copy took over as the main one after the first failed
= failover; failed over; promoted; promotion; switchover; takeover; taking over
? failover; switchover
the members vote on who is in charge, a new leader is chosen
= election; leader election; new leader; quorum; vote; notification time out; election address
? leader election; election; quorum
it was decided who is in charge
= leader election took; elected leader; following leader; is leader; became leader; leading;
   following
the bank refused the card of a customer
= card declined; declined by; card rejected; insufficient funds; issuer declined; do not honor
? card declined
a package or message was lost on the way
= packet loss; packets lost; dropped packets; retransmission; retransmit; duplicate ack; crc
   errors
someone floods the server with connections to overload it, an attack
= syn flood; syn flooding; ddos; too many connections from; connection flood; sending cookies
? ddos; syn flood
somebody connected
= connection received; accepted connection; connection accepted; new connection; client
   connected; connected from; connection from; connection established; open through
a connection was ended in the normal way
= connection closed by; close bytes sent; lifetime; session finished; closed normally; received
   disconnect; bye bye
a website calls another that does not allow it
= cors; cross origin; csrf; origin not allowed
a page sends its visitors in circles or to another address
= redirect loop; too many redirects; moved permanently; redirecting
a live connection to the browser broke
= websocket closed; websocket error; socket io; event source; stream closed
a call between services failed because the other one was not there
= grpc unavailable; rpc failed; rpc error; no healthy host; service discovery; no instances
   available; call failed; remote call
a partner or supplier answers too slowly
= answered slowly; slow response; responded slowly; slow answer; took longer; high latency; slow
   upstream
a notice to another system could not be delivered
= webhook failed; callback failed; webhook delivery; delivery failed; notification failed; push
   failed
the key for another company's service is wrong or used up
= invalid api key; api key; quota for; insufficient quota; subscription expired; license
   expired; license invalid
? api key; license
someone tried too often to log in and is locked out
= account locked; maximum authentication attempts; too many failed; locked out; lockout;
   attempts exceeded; temporarily banned; banned
? account lockout; locked account
a password was changed or forgotten
= password changed; password reset; reset password; password expired; forgot password
? password reset; password change
the second step of the login, a code, was wrong
= otp; two factor; 2fa; mfa; verification code; captcha; one time password
? mfa; 2fa; captcha
a user account was made, removed or given more rights
= user created; new user; user added; user deleted; account created; account deleted; role
   granted; added to group; granted
logins are kept alive, the proof of login was exchanged for a new one
= session refreshed; token refreshed; token verified; refresh token; keys reloaded; signing
   keys; key rotated; rotated
sensitive data was sent or kept without protection
= not tokenised; not tokenized; unencrypted; cleartext; plain text; not encrypted; insecure
two halves of a cluster do not see each other and both think they are in charge
= split brain; network partition; partitioned; lost quorum; not enough members; minority
? split brain
a member of the cluster joined or left
= member joined; member left; node joined; node left; joining cluster; removed from cluster;
   registered node; new peer; gossip; lost worker; executor lost
somebody scanned for open doors
= port scan; scanning; probe from; did not receive identification; no identification string; bad
   protocol version identification
`
