/** What a stream may be called, as Amazon Kinesis has it; the table has the same rule as a constraint. */
export const streamName = /^[a-zA-Z0-9_.-]{1,128}$/
