import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { GuardedSocket } from '../../wwwroot/js/chat/access/guarded-socket.js';

class FakeSocket extends EventTarget {
  static made = [];

  constructor(address, protocols) {
    super();
    Object.assign(this, { address, protocols, sent: [], closed: null });
    FakeSocket.made.push(this);
  }

  send(data) {
    this.sent.push(data);
  }

  close(code) {
    this.closed = code;
  }

  happens(type, fields = {}) {
    this.dispatchEvent(Object.assign(new Event(type), fields));
  }
}

function signedIn({ usesTickets = false, ticket = async () => 't1', isOver = async () => false, isGone = async () => false } = {}) {
  return { usesTickets, ticket, isOver, isGone, told: 0, tell() { this.told += 1; } };
}

function endOf(socket) {
  return new Promise((resolve) => { socket.addEventListener('close', ({ code, reason }) => resolve({ code, reason })); });
}

const settled = () => new Promise((resolve) => { setImmediate(resolve); });

beforeEach(() => {
  globalThis.WebSocket = FakeSocket;
  FakeSocket.made = [];
});

test('with a cookie it opens at once and passes on what happens', async () => {
  const socket = new GuardedSocket(signedIn(), 'ws://api/ws/chat/s1', ['agentstream.v1']);
  const heard = [];
  socket.addEventListener('message', ({ data }) => heard.push(data));
  const [real] = FakeSocket.made;
  real.happens('open');
  real.happens('message', { data: 'hello' });
  socket.send('hi');

  assert.equal(real.address, 'ws://api/ws/chat/s1');
  assert.deepEqual(real.protocols, ['agentstream.v1']);
  assert.deepEqual(heard, ['hello']);
  assert.deepEqual(real.sent, ['hi']);
  const end = endOf(socket);
  real.happens('close', { code: 1001, reason: 'going away' });
  assert.deepEqual(await end, { code: 1001, reason: 'going away' });
});

test('without one it opens with a ticket', async () => {
  const socket = new GuardedSocket(signedIn({ usesTickets: true }), 'wss://api/ws/chat/s1?after=5');
  const heard = [];
  socket.addEventListener('message', ({ data }) => heard.push(data));
  assert.equal(FakeSocket.made.length, 0);
  await settled();

  const [real] = FakeSocket.made;
  assert.equal(real.address, 'wss://api/ws/chat/s1?after=5&ticket=t1');
  real.happens('message', { data: 'hello' });
  assert.deepEqual(heard, ['hello']);
});

test('closed before its ticket came it is never opened', async () => {
  const socket = new GuardedSocket(signedIn({ usesTickets: true }), 'wss://api/ws/chat/s1');
  socket.close(1000);
  await settled();
  assert.equal(FakeSocket.made.length, 0);
});

test('where it could not open it asks whether the sign-in is over', async () => {
  const over = signedIn({ isOver: async () => true });
  const refused = new GuardedSocket(over, 'ws://api/ws/chat/s1');
  const end = endOf(refused);
  FakeSocket.made[0].happens('close', { code: 1006, reason: '' });
  assert.deepEqual(await end, { code: 4401, reason: 'signed out' });
  assert.equal(over.told, 1);

  const away = new GuardedSocket(signedIn(), 'ws://api/ws/chat/s1');
  const other = endOf(away);
  FakeSocket.made[1].happens('close', { code: 1006, reason: '' });
  assert.equal((await other).code, 1006);
});

test('where there is no such session for this person it ends for good', async () => {
  const asked = [];
  const gone = signedIn({ isGone: async (address) => { asked.push(address); return true; } });
  const end = endOf(new GuardedSocket(gone, 'ws://api/ws/chat/s1'));
  FakeSocket.made[0].happens('close', { code: 1006, reason: '' });
  assert.deepEqual(await end, { code: 4404, reason: 'nothing is here' });
  assert.deepEqual(asked, ['ws://api/ws/chat/s1']);
  assert.equal(gone.told, 0);
});

test('where no ticket is to be had it ends as one that was lost', async () => {
  const away = signedIn({ usesTickets: true, ticket: () => Promise.reject(new Error('offline')) });
  assert.equal((await endOf(new GuardedSocket(away, 'wss://api/ws/chat/s1'))).code, 1006);
  const over = signedIn({ usesTickets: true, ticket: () => Promise.reject(new Error('401')), isOver: async () => true });
  assert.equal((await endOf(new GuardedSocket(over, 'wss://api/ws/chat/s1'))).code, 4401);
});

test('closed because the sign-in is over it tells the person', async () => {
  const over = signedIn();
  const socket = new GuardedSocket(over, 'ws://api/ws/chat/s1');
  const end = endOf(socket);
  FakeSocket.made[0].happens('open');
  FakeSocket.made[0].happens('close', { code: 4401, reason: 'signed out' });
  assert.equal((await end).code, 4401);
  assert.equal(over.told, 1);
});

test('where there is a link and no person, its end has a code of its own', async () => {
  const socket = new GuardedSocket({ ...signedIn(), tell() {}, over: { code: 4410, reason: 'the link is over' } }, 'ws://api/ws/chat/s1');
  FakeSocket.made[0].happens('open');
  const end = endOf(socket);

  FakeSocket.made[0].happens('close', { code: 4401, reason: 'signed out' });

  assert.deepEqual(await end, { code: 4410, reason: 'the link is over' });
});
