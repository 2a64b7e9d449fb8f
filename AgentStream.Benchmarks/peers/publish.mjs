// Reads streams of tokens from the model server, as a worker does, one for each room, and publishes each token.
// Arguments: redis, socketio, nats or nchan; its port; the model's address; the message; the rooms.
import { connect } from 'node:net';
import { Emitter } from '@socket.io/redis-emitter';
import { Redis } from 'ioredis';
import { WebSocket } from 'ws';

const [kind, port, model, message, rooms] = process.argv.slice(2);
const publish = await publisher();
console.log('ready');
await Promise.all(rooms.split(',').map(relay));
// It stays, with its connection: whoever measures reads its CPU time, and ends it.

async function relay(room) {
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
          publish(room, {
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
}

async function publisher() {
  if (kind === 'nats') {
    const socket = connect(Number(port), '127.0.0.1');
    socket.setNoDelay(true);
    socket.on('data', (data) => data.toString().startsWith('PING') && socket.write('PONG\r\n'));
    socket.write('CONNECT {"verbose":false,"pedantic":false}\r\n');
    return (_, token) => {
      const body = JSON.stringify(token);
      socket.write(`PUB room ${Buffer.byteLength(body)}\r\n${body}\r\n`);
    };
  }
  if (kind === 'nchan') {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/publish`, { perMessageDeflate: false });
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    return (_, token) => socket.send(JSON.stringify(token));
  }
  const redis = new Redis(Number(port));
  await redis.ping();
  if (kind === 'socketio') {
    const emitter = new Emitter(redis);
    return (room, token) => emitter.to(room).emit('token', token);
  }
  return (_, token) => redis.publish('room', JSON.stringify(token));
}
