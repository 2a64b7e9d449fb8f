// The shapes that the modules of the chat share, in one place. There is nothing here at run time.

/**
 * What a server sends. Log entries have `seq`, `run_id` and `timestamp`; the others have none of them.
 * @typedef {object} Frame
 * @property {string} type
 * @property {number} [seq]
 * @property {number} [first_seq] of merged deltas: the offset of the first one
 * @property {string} [run_id]
 * @property {number} [timestamp] Unix seconds
 * @property {Record<string, any>} [data]
 */

/**
 * Something that happened here and not on the server.
 * @typedef {{ type: 'local/outbox', entries: OutboxEntry[] }
 *   | { type: 'local/earlier', messages: object[], has_more: boolean }
 *   | { type: 'local/cancelling', run_id: string }
 *   | { type: 'local/notice', code: string, message: string }
 *   | { type: 'local/dismiss', id: number }} LocalEvent
 */

/**
 * @typedef {'thought' | 'answer' | 'tool_use' | 'tool_result' | 'final_answer' | 'error'} StepType
 * `answer` only while it streams: the finished step says whether it was the answer or a thought before a tool call.
 */

/**
 * @typedef {object} Step
 * @property {string} stepId
 * @property {StepType} type
 * @property {boolean} open still streaming
 * @property {string[]} chunks the text as it came, until the step is finished
 * @property {number} received characters of it that came as deltas
 * @property {number[]} pace in turn: a moment (Unix seconds), and how many characters were there then; empty where the page was not there
 * @property {string | null} content the whole text, once the step is finished
 * @property {number} iteration
 * @property {string} [toolName]
 * @property {string} [toolCallId]
 * @property {Decision} [decision] of a tool call that a person was asked about
 * @property {object | string} [arguments]
 * @property {number} [durationMs]
 * @property {number} [startedAt] when its first delta was written, in Unix seconds; unknown where only the finished step was seen
 * @property {number} [finishedAt] Unix seconds
 * @property {boolean} isError
 * @property {boolean} inDoubt
 * @property {boolean} cutOff
 * @property {string} [parentStepId]
 * @property {string} [agentName]
 */

/**
 * What became of the question whether a tool may be used.
 * @typedef {object} Decision
 * @property {string} tool_call_id
 * @property {string} [tool_name]
 * @property {boolean} approved
 * @property {string} by `client`, who was signed in, `expiry` or `interrupt`
 * @property {boolean} [edited] with arguments that a person changed
 * @property {boolean} [expired]
 * @property {string} [reason]
 */

/**
 * @typedef {'queued' | 'running' | 'waiting' | 'completed' | 'failed' | 'cancelled'} RunStatus
 */

/**
 * @typedef {object} Usage
 * @property {number} input_tokens
 * @property {number} output_tokens
 * @property {number} total_tokens
 * @property {boolean} estimated
 * @property {number} [time_to_first_token_ms]
 * @property {number} [tokens_per_second]
 * @property {number} [cost] in the currency of the operator's prices
 */

/**
 * A message of a person and what came of it.
 * @typedef {object} Run
 * @property {string} runId
 * @property {number} seq the offset of its run_queued
 * @property {string} [messageId]
 * @property {string} [message] missing where only events of the run are known
 * @property {string} [agentName]
 * @property {RunStatus} status
 * @property {boolean} cancelRequested the log says so
 * @property {boolean} cancelling it was asked for on this page, and the log does not say so yet
 * @property {string} [replacesRunId] the run whose place it took in the conversation
 * @property {string} [replacedBy] the run that took its place
 * @property {string} [model]
 * @property {number} attempt
 * @property {string} [traceId]
 * @property {boolean} enableReasoning
 * @property {number} [queuedAt] Unix seconds, as the two that follow
 * @property {number} [startedAt]
 * @property {number} [finishedAt]
 * @property {number} uncountedCharacters what has streamed since the last usage was told
 * @property {Map<string, Step>} steps in the order of their first appearance
 * @property {Map<string, object>} approvals that nobody has answered yet, by tool call
 * @property {Map<string, Decision>} decisions on those that were answered, by tool call
 * @property {{ from: number, to?: number }[]} waits when it waited for a person, in Unix seconds; the last one has no end while it does
 * @property {Takeover[]} takeovers in order
 * @property {number} [heardAt] when anything of it was last heard of, in Unix seconds
 * @property {string} [error]
 * @property {Usage} [usage]
 * @property {number} [durationMs]
 * @property {number} [iterations]
 */

/**
 * The worker of a run was lost, and another went on.
 * @typedef {object} Takeover
 * @property {number} from when the lost one was last heard of, in Unix seconds
 * @property {number} to when the other one began
 * @property {number} reused results that were there and were not asked for again
 * @property {string[]} open calls that had no result, by id; none in which another agent had begun
 */

/**
 * A message that is not in the log yet.
 * @typedef {object} Pending
 * @property {string} messageId
 * @property {string} message
 * @property {'waiting' | 'sent' | 'accepted' | 'refused'} status
 * @property {string} [reason] why it was refused
 * @property {number} [seq] where it was accepted
 */

/**
 * @typedef {object} OutboxEntry
 * @property {string} message_id stable: sent twice, it starts nothing twice
 * @property {object} payload of the chat frame
 * @property {number} created_at milliseconds
 * @property {'waiting' | 'sent' | 'refused'} status
 * @property {string} [reason]
 */

/**
 * @typedef {object} State
 * @property {string} sessionId
 * @property {boolean} ready a snapshot has arrived
 * @property {string | null} epoch
 * @property {number} lastSeq
 * @property {string | null} title
 * @property {boolean} hasMore there are earlier messages than these
 * @property {number} cost of all runs of the session; 0: nothing has a price
 * @property {Map<string, Run>} runs in the order of the conversation
 * @property {Map<string, string>} runByMessage message id to run id
 * @property {string[]} queue run ids, the next one first
 * @property {string | null} activeRun
 * @property {Map<string, Pending>} pending
 * @property {string | null} trouble what the server says while its store is degraded
 * @property {{ id: number, code: string, message: string }[]} notices
 * @property {number} noticeCount
 * @property {Change[]} changes what the last event touched
 */

/**
 * What an event touched, for whoever shows it.
 * @typedef {{ kind: 'everything' }
 *   | { kind: 'run', runId: string }
 *   | { kind: 'step', runId: string, stepId: string }
 *   | { kind: 'step_finished', runId: string, stepId: string }
 *   | { kind: 'step_removed', runId: string, stepId: string }
 *   | { kind: 'pending' } | { kind: 'earlier' } | { kind: 'notices' }} Change
 */

/**
 * @typedef {object} ConnectionState
 * @property {'disconnected' | 'connecting' | 'connected' | 'doubtful' | 'reconnecting' | 'refused'} status
 * `doubtful`: there is a socket, but something says that it is dead; the server has been asked
 * @property {number} [missing] of `connected`: how many entries are still to come that were missed
 * @property {number} [caughtUp] of `connected`: how many entries were missed and are here now
 * @property {number} [retryAt] of `reconnecting`: when the next attempt is due, on the clock's scale
 * @property {number} [code] of `refused`: the close code
 * @property {string} [reason]
 */

/**
 * @typedef {object} Clock
 * @property {() => number} now milliseconds
 * @property {(action: () => void, ms: number) => any} setTimeout
 * @property {(id: any) => void} clearTimeout
 */

export {};
