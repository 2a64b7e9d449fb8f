import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Outbox } from '../src/connection/outbox.js';
import { FakeStorage } from './fakes.mjs';

function setUp(storage = new FakeStorage(), sessionId = 's1') {
  const sent = [];
  const wire = { up: true };
  const send = (frame) => {
    if (wire.up) {
      sent.push(frame);
    }

    return wire.up;
  };
  const outbox = new Outbox({ sessionId, storage, now: () => 1 });
  return { storage, outbox, sent, send, wire, texts: () => sent.map(({ payload }) => payload.message) };
}

test('what is written offline is sent once, later, in order', () => {
  const { outbox, send, wire, texts } = setUp();
  wire.up = false;
  for (const message of ['a', 'b', 'c']) {
    outbox.add({ message });
  }

  outbox.flush(send);
  assert.deepEqual(texts(), []);
  wire.up = true;
  outbox.flush(send);
  outbox.flush(send);
  assert.deepEqual(texts(), ['a', 'b', 'c']);
});

test('a frame carries the payload and a message_id of its own', () => {
  const { outbox, sent, send } = setUp();
  outbox.add({ message: 'a', agent_name: 'researcher', enable_reasoning: false });
  outbox.add({ message: 'a' });
  outbox.flush(send);
  assert.equal(sent[0].type, 'chat');
  assert.deepEqual(Object.keys(sent[0].payload).sort(), ['agent_name', 'enable_reasoning', 'message', 'message_id', 'traceparent']);
  assert.notEqual(sent[0].payload.message_id, sent[1].payload.message_id);
});

test('after a lost connection the same id is sent again', () => {
  const { outbox, sent, send } = setUp();
  outbox.add({ message: 'a' });
  outbox.flush(send);
  outbox.connectionLost();
  assert.equal(outbox.entries()[0].status, 'waiting');
  outbox.flush(send);
  assert.equal(sent.length, 2);
  assert.equal(sent[0].payload.message_id, sent[1].payload.message_id);
});

test('each message begins a trace of its own, and keeps it when it is sent again', () => {
  const { outbox, sent, send, storage } = setUp();
  outbox.add({ message: 'a' });
  outbox.add({ message: 'b' });
  outbox.flush(send);
  outbox.connectionLost();
  outbox.flush(send);
  setUp(storage).outbox.flush(send);
  const traces = sent.map(({ payload }) => payload.traceparent);
  assert.deepEqual(traces, [traces[0], traces[1], traces[0], traces[1], traces[0], traces[1]]);
  assert.notEqual(traces[0], traces[1]);
  for (const trace of traces) {
    assert.match(trace, /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-01$/);
  }
});

test('what was accepted is forgotten', () => {
  const { outbox, send, storage } = setUp();
  const id = outbox.add({ message: 'a' });
  outbox.flush(send);
  outbox.settle(id);
  outbox.connectionLost();
  assert.deepEqual(outbox.entries(), []);
  assert.equal(storage.length, 0);
});

test('a refresh keeps what waits, with its id', () => {
  const before = setUp();
  const id = before.outbox.add({ message: 'a' });
  const after = setUp(before.storage);
  after.outbox.flush(after.send);
  assert.deepEqual(after.sent.map(({ payload }) => payload.message_id), [id]);
});

test('two tabs neither overwrite nor resurrect each other\'s messages', () => {
  const one = setUp();
  const two = setUp(one.storage);
  const first = one.outbox.add({ message: 'one' });
  two.outbox.add({ message: 'two' });
  one.outbox.settle(first);
  assert.deepEqual(two.outbox.entries().map(({ payload }) => payload.message), ['two']);
  assert.deepEqual(one.outbox.entries().map(({ payload }) => payload.message), ['two']);
});

test('sessions do not see each other\'s messages', () => {
  const one = setUp();
  one.outbox.add({ message: 'a' });
  assert.deepEqual(setUp(one.storage, 's10').outbox.entries(), []);
});

test('a refused message is kept with its reason and not sent again', () => {
  const { outbox, sent, send, storage } = setUp();
  const id = outbox.add({ message: 'a' });
  outbox.flush(send);
  assert.equal(outbox.reject(id, 'message_too_long', 'Too long.'), false);
  outbox.connectionLost();
  outbox.flush(send);
  assert.equal(sent.length, 1);
  assert.deepEqual(setUp(storage).outbox.entries().map(({ status, reason }) => [status, reason]), [['refused', 'Too long.']]);
});

test('"not now" is not "no": it waits and is sent again', () => {
  const { outbox, sent, send } = setUp();
  const id = outbox.add({ message: 'a' });
  outbox.flush(send);
  assert.equal(outbox.reject(id, 'store_unavailable', 'Later.'), true);
  outbox.flush(send);
  assert.equal(sent.length, 2);
});

test('what closed the connection by its size is not sent again', () => {
  const { outbox, sent, send } = setUp();
  outbox.add({ message: 'huge' });
  outbox.flush(send);
  outbox.refuseWhatIsUnderWay('Too big.');
  outbox.connectionLost();
  outbox.flush(send);
  assert.equal(sent.length, 1);
  assert.equal(outbox.entries()[0].status, 'refused');
});

for (const [name, storage] of [['no storage', null], ['a full storage', Object.assign(new FakeStorage(), { full: true })]]) {
  test(`with ${name} messages last as long as the page`, () => {
    const { outbox, send, texts } = setUp(storage);
    const id = outbox.add({ message: 'a' });
    outbox.flush(send);
    assert.deepEqual(texts(), ['a']);
    outbox.settle(id);
    assert.deepEqual(outbox.entries(), []);
  });
}

test('what others put into the storage is left alone', () => {
  const { outbox, storage } = setUp();
  storage.setItem('agentstream.outbox.s1.zzz', 'not json');
  storage.setItem('agentstream.outbox.s1.yyy', '{"message_id":"other"}');
  assert.deepEqual(outbox.entries(), []);
  assert.equal(storage.length, 2);
});

test('every change is told', () => {
  const told = [];
  const outbox = new Outbox(
    { sessionId: 's1', storage: new FakeStorage(), now: () => 1, onChange: (entries) => told.push(entries.map(({ status }) => status)) });
  const id = outbox.add({ message: 'a' });
  outbox.flush(() => true);
  outbox.settle(id);
  outbox.settle(id);
  assert.deepEqual(told, [['waiting'], ['sent'], []]);
});
