/** What a structured record's field can be to an event. */
export type FieldRole =
  | 'time'
  | 'severity'
  | 'body'
  | 'service'
  | 'host'
  | 'pod'
  | 'namespace'
  | 'trace'
  | 'span'

export interface RoleRank {
  role: FieldRole
  /** Of two fields with one role the lower rank has it; the other stays an attribute. */
  rank: number
}

/**
 * The names that loggers, shippers and schemas give to a field, the surest first. Nested objects
 * are looked up by their dotted path (ECS), so `{"log":{"level":"warn"}}` and
 * `{"log.level":"warn"}` are one.
 */
const names: Readonly<Record<FieldRole, string>> = {
  time:
    '@timestamp timestamp @t time ts asctime eventTime datetime date timeUnixNano t.$date ' +
    '__REALTIME_TIMESTAMP _timestamp Timestamp time_local time_iso8601 observedTimeUnixNano ' +
    'record.time.timestamp instant.epochSecond timestamp.seconds timestampSeconds timeMillis ' +
    'start_time StartUTC created t T',
  severity:
    'severityNumber severity_number SeverityNumber severity level log.level levelname lvl ' +
    '@l loglevel log_level Level severityText severity_text SeverityText level_name levelno level_value ' +
    'error_severity PRIORITY LogLevel severity_label jsonPayload.severity jsonPayload.level ' +
    'record.level.name status L',
  body:
    'record.message @m message msg @mt MESSAGE body fields.message short_message event.original Body Message log text ' +
    'full_message RenderedMessage MessageTemplate textPayload jsonPayload.message jsonPayload.msg M',
  service:
    'service.name service serviceName service_name dd.service resource.service.name ' +
    'application app app_name appname application_name Application ' +
    'Properties.Application serviceContext.service resource.labels.service_name ' +
    'resource.labels.container_name SYSLOG_IDENTIFIER program _COMM _SYSTEMD_UNIT',
  host:
    'host.name host.hostname hostname host _HOSTNAME HOSTNAME MachineName ' +
    'Properties.MachineName k8s.node.name node',
  pod:
    'k8s.pod.name kubernetes.pod.name kubernetes.pod_name pod_name podName ' +
    'resource.labels.pod_name pod',
  namespace:
    'k8s.namespace.name kubernetes.namespace kubernetes.namespace_name namespace_name ' +
    'resource.labels.namespace_name namespace',
  trace:
    'trace_id traceId trace.id traceid TraceId @tr dd.trace_id otelTraceID xray_trace_id ' +
    'logging.googleapis.com/trace traceparent trace',
  span: 'span_id spanId span.id spanid SpanId @sp dd.span_id otelSpanID logging.googleapis.com/spanId',
}

/** Objects whose fields are looked up by path. */
const nests =
  'log service host trace span resource resource.labels kubernetes kubernetes.pod k8s k8s.pod k8s.namespace ' +
  'k8s.node dd t event fields record record.time record.level instant timestamp jsonPayload Properties serviceContext'

export const roleByName: ReadonlyMap<string, RoleRank> = new Map(
  (Object.keys(names) as FieldRole[]).flatMap((role) =>
    names[role].split(' ').map((name, rank) => [name, { role, rank }] as const),
  ),
)

export const nestedNames: ReadonlySet<string> = new Set(nests.split(' '))
