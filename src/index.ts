export { type Config, loadConfig } from './base/config.ts'
export { type ErrorCode, errorCodes, isMillraceError, MillraceError } from './base/errors.ts'
export { createLogger, type Logger } from './base/logger.ts'
export { type Database, openDatabase } from './db/open-database.ts'
export { createCachedEmbedder } from './embed/cached-embedder.ts'
export { createEmbedder } from './embed/create-embedder.ts'
export type { Embedder, EmbedOptions, EmbedUsage } from './embed/embedder.ts'
export { forgetOldVectors } from './embed/forget-old-vectors.ts'
export { registerModel } from './embed/register-model.ts'
export { embedPatterns } from './knowledge/embed-patterns.ts'
export { ensureVectorIndex } from './knowledge/ensure-vector-index.ts'
export type { EvidenceItem, SearchFilters } from './knowledge/evidence.ts'
export { type CountBucketsInput, countBuckets } from './knowledge/patterns/count-buckets.ts'
export {
  type ChangedPattern,
  type FindChangedInput,
  findChangedPatterns,
} from './knowledge/patterns/find-changed-patterns.ts'
export { findNewPatterns } from './knowledge/patterns/find-new-patterns.ts'
export {
  type FindVanishedInput,
  findVanishedPatterns,
  type VanishedPattern,
} from './knowledge/patterns/find-vanished-patterns.ts'
export {
  type ListedPattern,
  listPatterns,
  type PatternList,
  type PatternSort,
} from './knowledge/patterns/list-patterns.ts'
export { readPattern, type WholePattern } from './knowledge/patterns/read-pattern.ts'
export { rebuildVectorIndexes } from './knowledge/retire/rebuild-vector-index.ts'
export { type RetiredEvents, retireEvents } from './knowledge/retire/retire-events.ts'
export { retirePatterns } from './knowledge/retire/retire-patterns.ts'
export { type SearchDeps, type SearchResult, search } from './knowledge/search.ts'
export { addTags } from './log/add-tags.ts'
export { type Citation, formatCitation, parseCitation } from './log/citation.ts'
export { type CreateStreamInput, createStream } from './log/create-stream.ts'
export { type DeleteStreamOptions, deleteStream } from './log/delete-stream.ts'
export { deregisterConsumer } from './log/deregister-consumer.ts'
export { describeStream, type Shard, type Stream } from './log/describe-stream.ts'
export { ensureSegments } from './log/ensure-segments.ts'
export type { ChildShard } from './log/find-children.ts'
export { type GetRecordsInput, type GetRecordsResult, getRecords } from './log/get-records.ts'
export { type GetShardIteratorInput, getShardIterator } from './log/get-shard-iterator.ts'
export { type Consumer, describeConsumer, listConsumers } from './log/list-consumers.ts'
export { type ListShardsInput, type ListShardsResult, listShards } from './log/list-shards.ts'
export { listStreams, type StreamSummary } from './log/list-streams.ts'
export { type MergeShardsInput, mergeShards } from './log/merge-shards.ts'
export type { NewRecord, PutResult } from './log/new-record.ts'
export { createProducer, type Producer, type ProducerOptions } from './log/producer.ts'
export { type LogRecord, type ReadRecordsResult, readRecords } from './log/read-records.ts'
export { registerConsumer } from './log/register-consumer.ts'
export { removeTags } from './log/remove-tags.ts'
export type { ReshardResult } from './log/reshard.ts'
export { retireSegments } from './log/retire-segments.ts'
export { sequenceAt, timeOfSequence } from './log/sequence.ts'
export { formatShardName, parseShardName } from './log/shard-name.ts'
export { splitHotShards } from './log/split-hot-shards.ts'
export { type SplitShardInput, splitShard } from './log/split-shard.ts'
export type { StartingPosition } from './log/starting-points.ts'
export {
  type ShardBatch,
  type SubscribeInput,
  type SubscribeOptions,
  subscribe,
} from './log/subscribe.ts'
export { type UpdateRetentionInput, updateRetention } from './log/update-retention.ts'
export { type UpdateShardCountInput, updateShardCount } from './log/update-shard-count.ts'
export { type UpdateStreamModeInput, updateStreamMode } from './log/update-stream-mode.ts'
export { startWakeHub, type WakeHub } from './log/wake-hub.ts'
export { catchUp } from './pipeline/catch-up.ts'
export { defineConfig, type MillraceConfig } from './pipeline/define-config.ts'
export { definePipeline, type Pipeline, type PipelineBuilder } from './pipeline/define-pipeline.ts'
export type { FilterPattern } from './pipeline/filter/filter-pattern.ts'
export type { FilterMatcher } from './pipeline/filter/matchers.ts'
export { readLag, type StreamLag } from './pipeline/lag.ts'
export { logsPipeline } from './pipeline/logs-pipeline.ts'
export type { DeadLetter } from './pipeline/operations/dead-letter-row.ts'
export {
  type DeletedPipeline,
  type DeletePipelineInput,
  deletePipeline,
} from './pipeline/operations/delete-pipeline.ts'
export {
  type DroppedDeadLetters,
  dropDeadLetters,
} from './pipeline/operations/drop-dead-letters.ts'
export {
  type DeadLetterPage,
  type ListDeadLettersInput,
  listDeadLetters,
} from './pipeline/operations/list-dead-letters.ts'
export { listPipelines, type PipelineSummary } from './pipeline/operations/list-pipelines.ts'
export type { DeadLetterChoice } from './pipeline/operations/lock-dead-letters.ts'
export { type PausedPipeline, pausePipeline } from './pipeline/operations/pause-pipeline.ts'
export { readDeadLetter, type WholeDeadLetter } from './pipeline/operations/read-dead-letter.ts'
export {
  type PipelineStatus,
  readPipelineStatus,
} from './pipeline/operations/read-pipeline-status.ts'
export {
  type RedrivenDeadLetters,
  redriveDeadLetters,
} from './pipeline/operations/redrive-dead-letters.ts'
export {
  type ReplayedPipeline,
  type ReplayInput,
  replayPipeline,
} from './pipeline/operations/replay-pipeline.ts'
export { type ResumedPipeline, resumePipeline } from './pipeline/operations/resume-pipeline.ts'
export {
  type SeekInput,
  type SoughtShard,
  seekPipeline,
} from './pipeline/operations/seek-pipeline.ts'
export type { PipelineOptions } from './pipeline/pipeline-options.ts'
export { type OpenSink, type Sink, sink, type Write } from './pipeline/sink.ts'
export { type ToFilesOptions, toFiles } from './pipeline/sinks/to-files.ts'
export { type ToStreamOptions, toStream } from './pipeline/sinks/to-stream.ts'
export { type ToTableOptions, toTable } from './pipeline/sinks/to-table.ts'
export {
  PartialFailure,
  type PartialResult,
  type Resources,
  type Step,
  type StepContext,
  type StepOptions,
  type StepRun,
  type StepShape,
  type Window,
  type WindowStep,
} from './pipeline/step.ts'
export { type AggregateOptions, aggregate } from './pipeline/steps/aggregate.ts'
export { embed } from './pipeline/steps/embed.ts'
export { filter } from './pipeline/steps/filter.ts'
export { flatMap } from './pipeline/steps/flat-map.ts'
export { index } from './pipeline/steps/index-events.ts'
export { map } from './pipeline/steps/map.ts'
export type { ParsedEvent } from './pipeline/steps/parse/parse-record.ts'
export { parse } from './pipeline/steps/parse.ts'
export { type PatternedEvent, pattern } from './pipeline/steps/pattern.ts'
export { redact } from './pipeline/steps/redact.ts'
export { step } from './pipeline/steps/step.ts'
export { startWorker, type Worker, type WorkerOptions } from './pipeline/worker.ts'
export { type Answer, type AskDeps, type AskInput, ask } from './query/ask.ts'
export { startServer } from './server/server.ts'
