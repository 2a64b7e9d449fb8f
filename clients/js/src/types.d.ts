// The shapes that the modules share, in one place.

/** What a server sends. Log entries have `seq`, `run_id` and `timestamp`; the others have none of them. */
export interface Frame {
  type: string;
  seq?: number;
  /** Of merged deltas: the offset of the first one. */
  first_seq?: number;
  run_id?: string;
  /** Unix seconds. */
  timestamp?: number;
  data?: Record<string, any>;
}

/** What a person or a program asks: the payload of the `chat` frame, without `message_id`. */
export interface ChatPayload {
  message: string;
  /** Default: `assistant`. */
  agent_name?: string;
  /** Default: true. False: thoughts and steps of tools are not written to the log. */
  enable_reasoning?: boolean;
  max_iterations?: number;
  model?: string;
  temperature?: number;
  max_tokens?: number;
  context?: object;
  history?: { role: 'user' | 'assistant', content: string }[];
  /** Ids of files that were added to the session before (`POST /api/sessions/{id}/attachments`). */
  attachments?: string[];
  /** Tools that you execute yourself. Default: those of the session. */
  tools?: { name: string, description?: string, parameters?: object }[];
  /** Edits or regenerates: that run and all after it leave the conversation. */
  replaces_run_id?: string;
  /** Default: `enqueue`. */
  on_busy?: 'enqueue' | 'reject' | 'interrupt' | 'steer';
  /** Default: a new trace. */
  traceparent?: string;
  tracestate?: string;
}

/** A tool that this program executes. */
export interface ClientTool {
  /** 1 to 64 of `A-Z a-z 0-9 _ -`. */
  name: string;
  /** What the model reads of it. */
  description?: string;
  /** JSON schema of its arguments, an object. Default: it takes none. */
  parameters?: object;
  /** Executes a call. What is no text becomes JSON; the model reads at most 64,000 characters. Default: you answer with `giveResult`. */
  execute?: (args: any, call: ClientToolCall) => unknown;
}

export interface ClientToolCall {
  runId: string;
  toolCallId: string;
  toolName: string;
}

/** How far a session's log has been read. */
export interface Position {
  /** The life of the log; missing: whichever it is. */
  epoch?: string;
  lastSeq: number;
}

/** Something that happened here and not on the server. */
export type LocalEvent =
  | { type: 'local/outbox', entries: OutboxEntry[] }
  | { type: 'local/earlier', messages: object[], has_more: boolean }
  | { type: 'local/cancelling', run_id: string }
  | { type: 'local/notice', code: string, message: string }
  | { type: 'local/dismiss', id: number };

/**
 * `answer` only while it streams: the finished step says whether it was the answer or a thought before a tool call.
 * `said`: a message that the run took up while it was under way stands among its steps.
 */
export type StepType = 'thought' | 'answer' | 'tool_use' | 'tool_result' | 'final_answer' | 'error' | 'said';

export interface Step {
  stepId: string;
  type: StepType;
  /** Still streaming. */
  open: boolean;
  /** The text as it came, until the step is finished. */
  chunks: string[];
  /** Characters of it that came as deltas. */
  received: number;
  /** In turn: a moment (Unix seconds), and how many characters were there then; empty where the reader was not there. */
  pace: number[];
  /** The whole text, once the step is finished. */
  content: string | null;
  iteration: number;
  toolName?: string;
  toolCallId?: string;
  /** Of a tool call that a person was asked about. */
  decision?: Decision;
  arguments?: object | string;
  durationMs?: number;
  /** When its first delta was written, in Unix seconds; unknown where only the finished step was seen. */
  startedAt?: number;
  /** Unix seconds. */
  finishedAt?: number;
  isError: boolean;
  inDoubt: boolean;
  cutOff: boolean;
  parentStepId?: string;
  agentName?: string;
  /** What the reply that ends with it has cost, in the currency of the operator's prices. */
  cost?: number;
}

/** What became of the question whether a tool may be used. */
export interface Decision {
  tool_call_id: string;
  tool_name?: string;
  approved: boolean;
  /** `client`, who was signed in, `expiry` or `interrupt`. */
  by: string;
  /** With arguments that a person changed. */
  edited?: boolean;
  expired?: boolean;
  reason?: string;
}

/** A file that came with a message; its bytes are at `/api/sessions/{session}/attachments/{id}`. */
export interface Attachment {
  id: string;
  name: string;
  media_type: string;
  /** Bytes. */
  size: number;
}

export type RunStatus = 'queued' | 'running' | 'waiting' | 'completed' | 'failed' | 'cancelled';

export interface Usage {
  input_tokens: number;
  output_tokens: number;
  total_tokens: number;
  estimated: boolean;
  time_to_first_token_ms?: number;
  tokens_per_second?: number;
  /** In the currency of the operator's prices. */
  cost?: number;
}

/** A message of a person and what came of it. */
export interface Run {
  runId: string;
  /** The offset of its run_queued. */
  seq: number;
  messageId?: string;
  /** Missing where only events of the run are known. */
  message?: string;
  attachments: Attachment[];
  agentName?: string;
  status: RunStatus;
  /** The log says so. */
  cancelRequested: boolean;
  /** It was asked for here, and the log does not say so yet. */
  cancelling: boolean;
  /** The run whose place it took in the conversation. */
  replacesRunId?: string;
  /** The run that took its place. */
  replacedBy?: string;
  /** While it waits for its turn: the run that takes its message up at its next step, if that has one before. */
  steersRunId?: string;
  /** The run that took its message up: what came of it is that one's. */
  steeredRunId?: string;
  model?: string;
  attempt: number;
  traceId?: string;
  enableReasoning: boolean;
  /** Unix seconds, as the two that follow. */
  queuedAt?: number;
  startedAt?: number;
  finishedAt?: number;
  /** What has streamed since the last usage was told. */
  uncountedCharacters: number;
  /** In the order of their first appearance. */
  steps: Map<string, Step>;
  /** That nobody has answered yet, by tool call. */
  approvals: Map<string, object>;
  /** On those that were answered, by tool call. */
  decisions: Map<string, Decision>;
  /** When it waited for a person, in Unix seconds; the last one has no end while it does. */
  waits: { from: number, to?: number }[];
  /** In order. */
  takeovers: Takeover[];
  /** When anything of it was last heard of, in Unix seconds. */
  heardAt?: number;
  error?: string;
  usage?: Usage;
  durationMs?: number;
  iterations?: number;
}

/** The worker of a run was lost, and another went on. */
export interface Takeover {
  /** When the lost one was last heard of, in Unix seconds. */
  from: number;
  /** When the other one began. */
  to: number;
  /** Results that were there and were not asked for again. */
  reused: number;
  /** Calls that had no result, by id; none in which another agent had begun. */
  open: string[];
}

/** A message that is not in the log yet. */
export interface Pending {
  messageId: string;
  message: string;
  status: 'waiting' | 'sent' | 'accepted' | 'refused';
  /** Why it was refused. */
  reason?: string;
  /** Where it was accepted. */
  seq?: number;
}

export interface OutboxEntry {
  /** Stable: sent twice, it starts nothing twice. */
  message_id: string;
  payload: ChatPayload & { message_id: string };
  /** Milliseconds. */
  created_at: number;
  status: 'waiting' | 'sent' | 'refused';
  reason?: string;
}

export interface State {
  sessionId: string;
  /** A snapshot has arrived. */
  ready: boolean;
  epoch: string | null;
  lastSeq: number;
  title: string | null;
  /** There are earlier messages than these. */
  hasMore: boolean;
  /** Of all runs of the session; 0: nothing has a price. */
  cost: number;
  /** In the order of the conversation. */
  runs: Map<string, Run>;
  /** Message id to run id. */
  runByMessage: Map<string, string>;
  /** Run ids, the next one first. */
  queue: string[];
  activeRun: string | null;
  pending: Map<string, Pending>;
  /** What the server says while its store is degraded. */
  trouble: string | null;
  notices: { id: number, code: string, message: string }[];
  noticeCount: number;
  /** What the last event touched. */
  changes: Change[];
}

/** What an event touched, for whoever shows it. */
export type Change =
  | { kind: 'everything' }
  | { kind: 'run', runId: string }
  | { kind: 'step', runId: string, stepId: string }
  | { kind: 'step_finished', runId: string, stepId: string }
  | { kind: 'step_removed', runId: string, stepId: string }
  | { kind: 'pending' }
  | { kind: 'earlier' }
  | { kind: 'notices' };

export interface ConnectionState {
  /** `doubtful`: there is a socket, but something says that it is dead; the server has been asked. */
  status: 'disconnected' | 'connecting' | 'connected' | 'doubtful' | 'reconnecting' | 'refused';
  /** Of `connected`: how many entries are still to come that were missed. */
  missing?: number;
  /** Of `connected`: how many entries were missed and are here now. */
  caughtUp?: number;
  /** Of `reconnecting`: when the next attempt is due, on the clock's scale. */
  retryAt?: number;
  /** Of `refused`: the close code. */
  code?: number;
  reason?: string;
}

export interface Clock {
  /** Milliseconds. */
  now(): number;
  setTimeout(action: () => void, ms: number): any;
  clearTimeout(id: any): void;
}

/** The part of a browser's `Storage` that is used. */
export interface KeptText {
  readonly length: number;
  key(index: number): string | null;
  getItem(key: string): string | null;
  setItem(key: string, text: string): void;
  removeItem(key: string): void;
}

/** A WebSocket as far as it is used: a browser's, Node's (22 and later), or that of the package `ws`. */
export interface SocketConstructor {
  new (address: string, protocols?: string[]): {
    send(text: string): void;
    close(code?: number, reason?: string): void;
    addEventListener(type: string, listener: (event: any) => void): void;
  };
}
