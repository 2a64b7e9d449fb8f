#!/bin/sh
# Package:   centrifuge 5.7.4 (npm), with Node.js 20 or later.
# Behaviour: where the server's answer to a subscription has publish_debounce, subscription.publish() within that time resolves at once.
#            Of several messages only the last is sent, later, and what becomes of it is told to nobody.
# Seen:      three messages within 200 ms: resolved, resolved, resolved; the server has seen 1 and 3 and refused the last
# Surprise:  a resolved publish() means that the server has taken the message, and the caller has chosen no debouncing: an operator
#            switches it on, and an application that sends cursors and chat lines in one channel loses lines that were acknowledged.
# Ends with 0 as long as it is so.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund centrifuge@5.7.4 ws@8.23.0
cat > try.mjs <<'JS'
import { Centrifuge } from 'centrifuge';
import WebSocket, { WebSocketServer } from 'ws';

const published = [];
const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
await new Promise(resolve => server.once('listening', resolve));
server.on('connection', socket => socket.on('message', text => {
  for (const line of `${text}`.trim().split('\n')) {
    const command = JSON.parse(line);
    if (command.connect) {
      socket.send(JSON.stringify({ id: command.id, connect: { client: 'c', version: '1' } }));
    } else if (command.subscribe) {
      socket.send(JSON.stringify({ id: command.id, subscribe: { publish_debounce: 200 } }));
    } else if (command.publish) {
      published.push(command.publish.data.n);
      // The first is taken, and the sender has lost the right to publish when the next comes.
      const refusal = { error: { code: 103, message: 'permission denied' } };
      socket.send(JSON.stringify({ id: command.id, ...(published.length === 1 ? { publish: {} } : refusal) }));
    }
  }
}));

const client = new Centrifuge(`ws://127.0.0.1:${server.address().port}/`, { websocket: WebSocket });
const subscription = client.newSubscription('chat');
subscription.subscribe();
client.connect();
await subscription.ready(5000);
const outcome = promise => promise.then(() => 'resolved', error => `rejected: ${error.message}`);
const first = await Promise.all([1, 2, 3].map(n => outcome(subscription.publish({ n }))));
await new Promise(resolve => setTimeout(resolve, 500));
console.log(`three messages within 200 ms: ${first.join(', ')}; the server has seen ${published.join(' and ')} and refused the last`);
client.disconnect();
server.close();
process.exit(first.every(text => text === 'resolved') && `${published}` === '1,3' ? 0 : 1);
JS
timeout 90 node try.mjs
