// Reads a stream of tokens from the model server, as a worker does, and publishes each.
// Arguments: redis, socketio or nats; its port; the model's address; the message.
import { connect } from 'node:net';
import { Emitter } from '@socket.io/redis-emitter';
import { Redis } from 'ioredis';

const [kind, port, model, message] = process.argv.slice(2);
const publish = await publisher();
console.log('ready');
const reply = await fetch(`${model}/chat/completions`, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ model: 'bench', stream: true, messages: [{ role: 'user', content: message }] }),
});
const decoder = new TextDecoder();
let text = '';
let number = 0;
for await (const piece of reply.body) {
  text += decoder.decode(piece, { stream: true });
  const lines = text.split('\n');
  text = lines.pop();
  for (const line of lines) {
    if (line.startsWith('data: {')) {
      const delta = JSON.parse(line.slice(6)).choices[0].delta.content;
      if (delta) {
        publish({
          seq: ++number,
          type: 'step_delta',
          run_id: '0193f3a0c5d67e00',
          timestamp: 1764437000.123,
          data: { step_id: '0193f3a0c5d67e00-1-1', step_type: 'answer', delta, iteration: 1 },
        });
      }
    }
  }
}
// It stays, with its connection: whoever measures reads its CPU time, and ends it.

async function publisher() {
  if (kind === 'nats') {
    const socket = connect(Number(port), '127.0.0.1');
    socket.setNoDelay(true);
    socket.on('data', (data) => data.toString().startsWith('PING') && socket.write('PONG\r\n'));
    socket.write('CONNECT {"verbose":false,"pedantic":false}\r\n');
    return (token) => {
      const body = JSON.stringify(token);
      socket.write(`PUB room ${Buffer.byteLength(body)}\r\n${body}\r\n`);
    };
  }
  const redis = new Redis(Number(port));
  await redis.ping();
  if (kind === 'socketio') {
    const room = new Emitter(redis).to('room');
    return (token) => room.emit('token', token);
  }
  return (token) => redis.publish('room', JSON.stringify(token));
}
