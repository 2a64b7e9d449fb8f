import type {
  ChatPayload, ClientTool, ClientToolCall, Clock, ConnectionState, Frame, KeptText, LocalEvent, OutboxEntry, Position, SocketConstructor,
  State,
} from './types.js';

export type * from './types.js';

/** What a `Session` takes. */
export interface SessionOptions {
  /** The API's address; needed where there is no `address`. */
  server?: string | URL;
  /** Default: a new session. */
  sessionId?: string;
  /** The address of the socket, where it is not below `server`. */
  address?: (position: Position | null) => string;
  /** Goes on after this. Default: begins with a snapshot. */
  position?: Position | null;
  /** Keeps what is to be sent. Default: as long as the session object. */
  storage?: KeptText | null;
  /** Tools of this program: each message brings them along, and their calls are executed. */
  tools?: ClientTools | null;
  /** Takes every frame; log entries exactly once and in order. */
  onFrame?: (frame: Frame) => void;
  onConnection?: (state: ConnectionState) => void;
  /** What is to be sent is something else now. */
  onOutbox?: (entries: OutboxEntry[]) => void;
  /** Default: that of the platform. */
  WebSocket?: SocketConstructor;
  clock?: Clock;
  /** From 0 to 1. */
  random?: () => number;
}

/** One session: what happens in it, each event once and in order, and what is to be sent, kept until the server has it. */
export class Session {
  constructor(options: SessionOptions);
  readonly sessionId: string;
  readonly connection: ConnectionState;
  /** How far the log has been read: what another session object goes on after. */
  readonly position: Position | null;
  /** What is to be sent, the oldest first. */
  readonly unsent: OutboxEntry[];
  /** Starts, also after a disconnect or a refusal. */
  connect(): void;
  /** Stops until `connect` is called. */
  disconnect(): void;
  /** Sends a message, now or when there is a connection. Returns the message's id. */
  send(payload: ChatPayload): string;
  /** Cancels a run, by default the one under way. Returns false if there is no connection to send it over. */
  cancel(runId?: string): boolean;
  /** Answers a `tool_approval_required`. Returns false if there is no connection to send it over. */
  answerApproval(runId: string, toolCallId: string, answer: { approved: boolean, reason?: string, arguments?: object }): boolean;
  /**
   * Gives the result of a `tool_approval_required` with `client_tool`, where no `tools` of the session do.
   * Returns false if there is no connection to send it over.
   */
  giveResult(runId: string, toolCallId: string, result: string, isError?: boolean): boolean;
  /** Forgets a message that has not left yet, or was refused. */
  discard(messageId: string): void;
  /** Ends the pause before the next attempt. */
  reconnectNow(): void;
  /** The network has come back, or the computer woke up: connects at once, or makes sure that the socket is still alive. */
  wakeUp(): void;
  /** Something speaks against this connection: the server is asked, and nothing is sent until it has answered. */
  doubt(): void;
  ping(): void;
  /** Another tab has changed the storage; the key of the event. */
  storageChanged(key: string | null): void;
}

/**
 * Tools that this program executes itself: each of their calls once, and its result is given until the server has it.
 * Who begins anew with a snapshot executes what has no result yet; where two programs follow a session with such tools, both do.
 */
export class ClientTools {
  /** Default of `onFailed`: the console is told. The model is told that the call failed in either case. */
  constructor(tools: ClientTool[], options?: { onFailed?: (call: ClientToolCall, error: unknown) => void });
  /** What a message says of them. */
  readonly declared: { name: string, description?: string, parameters?: object }[];
  /** Takes every frame; `onResult` hears that there is something to send. */
  receive(frame: Frame, onResult: () => void): void;
  /** Sends what waits, until `send` says that it can't. */
  flush(send: (frame: object) => boolean): void;
  /** What was sent may be lost: it waits again. */
  takeBack(): void;
}

/** What a `Connection` takes. */
export interface ConnectionOptions {
  /** The address of the socket. */
  address: (position: Position | null) => string;
  /** Begins after this. Default: with a snapshot. */
  position?: Position | null;
  /** Takes every frame; log entries exactly once and in order. */
  onFrame: (frame: Frame) => void;
  onState: (state: ConnectionState) => void;
  /** The server has answered: time to send what waits. */
  onConnected?: () => void;
  /** The server closed because of the size of what was sent. */
  onTooBig?: () => void;
  WebSocket?: SocketConstructor;
  clock?: Clock;
  random?: () => number;
}

/** One session's connection: a cursor on its log that survives the socket. */
export class Connection {
  constructor(options: ConnectionOptions);
  readonly state: ConnectionState;
  readonly cursor: Position | null;
  /** Starts, also after a disconnect or a refusal. */
  connect(): void;
  /** Stops until `connect` is called. */
  disconnect(): void;
  /** Ends the pause before the next attempt. */
  reconnectNow(): void;
  /** The network has come back, or the computer woke up: connects at once, or makes sure that the socket is still alive. */
  wakeUp(): void;
  /** Something speaks against this connection. Until the server has answered it does not count as one: nothing is sent over it. */
  doubt(): void;
  /** Returns false if there is no connection to send it over. */
  send(frame: object): boolean;
}

/** How far a session's log has been read: each entry is taken once and in order. */
export class Cursor {
  constructor(position?: Position | null);
  position: Position | null;
  /** Begins anew after a snapshot. */
  begin(snapshot: { epoch: string, last_seq: number }): void;
  /** The server goes on after this cursor, maybe in a later epoch. */
  resume(connected: { epoch: string }): void;
  /** `next`: it is read now. */
  take(entry: Frame): 'next' | 'known' | 'gap';
  /** Whether something is missing here, where the log goes as far as this. */
  lacks(server: { epoch: string, last_seq: number }): boolean;
}

/** What was written and is not known to have arrived. */
export class Outbox {
  constructor(options: {
    sessionId: string,
    storage: KeptText | null,
    now?: () => number,
    onChange?: (entries: OutboxEntry[]) => void,
  });

  /** Keeps a message. Returns its id. */
  add(payload: ChatPayload): string;
  /** The oldest first. */
  entries(): OutboxEntry[];
  /** Sends what waits, in the order in which it was written, until `send` says that it can't. */
  flush(send: (frame: object) => boolean): void;
  /** The server has it, or it was seen in the log: it is not ours any more. */
  settle(messageId: string): void;
  /** The server could not take it; the reason is a sentence for people. Returns true if it stays and may be sent again later. */
  reject(messageId: string, code: string, reason: string): boolean;
  /** Whatever was under way waits again. */
  connectionLost(): void;
  /** The connection was closed because of the size of what was sent: sent again it would be closed again. */
  refuseWhatIsUnderWay(reason: string): void;
  /** Another tab has added or removed something; the key of the event, or null if all was cleared. */
  storageChanged(key: string | null): void;
}

/** The conversation of a session before anything has come. */
export function initialState(sessionId: string): State;

/** Takes what came into the state, and returns the same object; `changes` says what was touched. */
export function reduce(state: State, event: Frame | LocalEvent): State;

/** The address of a session's socket. */
export function socketAddress(server: string | URL, sessionId: string, position?: Position | null): string;

/** 32 random hexadecimal digits. */
export function newId(): string;
