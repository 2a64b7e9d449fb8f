import { Connection } from '../src/connection/socket.js';
import { FakeClock, fakeWebSocket } from './fakes.mjs';

/** A connection to a server that the test plays, at a time that the test lets pass. */
export function setUp() {
  const clock = new FakeClock();
  const WebSocket = fakeWebSocket();
  const frames = [];
  const states = [];
  const seen = { connected: 0, tooBig: 0 };
  const connection = new Connection({
    address: (cursor) => `ws://host/ws/chat/s1${cursor ? `?after=${cursor.lastSeq}&epoch=${cursor.epoch}` : ''}`,
    onFrame: (frame) => frames.push(frame),
    onState: (state) => states.push(state.status),
    onConnected: () => { seen.connected += 1; },
    onTooBig: () => { seen.tooBig += 1; },
    WebSocket,
    clock,
    random: () => 1,
  });
  const greet = (resumed = false) => WebSocket.last.receive({ type: 'connected', data: { epoch: 'e1', last_seq: 0, resumed } });
  const snapshot = (lastSeq, epoch = 'e1') => WebSocket.last.receive(
    { type: 'snapshot', data: { epoch, last_seq: lastSeq, messages: [] } });
  const entry = (seq, firstSeq) => WebSocket.last.receive(
    { type: 'step_delta', seq, first_seq: firstSeq, run_id: 'r1', data: { delta: 'x' } });
  const entries = () => frames.filter(({ seq }) => seq).map(({ seq }) => seq);
  const startAt = (lastSeq) => {
    connection.connect();
    greet();
    snapshot(lastSeq);
  };
  return { clock, WebSocket, frames, states, seen, connection, greet, snapshot, entry, entries, startAt };
}
