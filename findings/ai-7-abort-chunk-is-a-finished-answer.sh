#!/bin/sh
# Package:   ai 7.0.173 (npm), with Node.js 20 or later.
# Behaviour: a stream that the server ends with {"type":"abort"} is an ordinary end for the chat: status ready, and onFinish with
#            isAbort false. The text that was under way stays "streaming" for ever.
# Seen:      status ready, onFinish: {"isAbort":false,"isError":false,"isDisconnect":false}
#            last part: {"type":"text","text":"Take the left","state":"streaming"}
# Surprise:  the chunk is in the protocol to say just this, the same package's servers send it, and onFinish has a flag of that name:
#            it is for this client's own stop() alone. What was stopped in another tab looks finished, with a cursor that blinks on.
# Ends with 0 as long as it is so.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund ai@7.0.173
cat > try.mjs <<'JS'
import http from 'node:http';
import { AbstractChat, DefaultChatTransport } from 'ai';

const chunks = [
  { type: 'start', messageId: 'm' },
  { type: 'text-start', id: 't' },
  { type: 'text-delta', id: 't', delta: 'Take the left' },
  { type: 'abort', reason: 'stopped from another tab' },
];
const server = http.createServer((request, reply) => {
  request.resume();
  request.on('end', () => {
    reply.writeHead(200, { 'content-type': 'text/event-stream', 'x-vercel-ai-ui-message-stream': 'v1' });
    reply.end(chunks.map(chunk => `data: ${JSON.stringify(chunk)}\n\n`).join('') + 'data: [DONE]\n\n');
  });
});
await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));

class State {
  status = 'ready';
  error = undefined;
  messages = [];
  pushMessage = message => { this.messages = [...this.messages, message]; };
  popMessage = () => { this.messages = this.messages.slice(0, -1); };
  replaceMessage = (index, message) => { this.messages = this.messages.with(index, structuredClone(message)); };
  snapshot = value => structuredClone(value);
}

class Chat extends AbstractChat {
  constructor(options) {
    super({ ...options, state: new State() });
  }
}

let finish;
const transport = new DefaultChatTransport({ api: `http://127.0.0.1:${server.address().port}/` });
const chat = new Chat({ transport, onFinish: options => { finish = options; } });
await chat.sendMessage({ text: 'hi' });
const { isAbort, isError, isDisconnect, finishReason } = finish;
const part = chat.lastMessage.parts.at(-1);
console.log(`status ${chat.status}, onFinish: ${JSON.stringify({ isAbort, isError, isDisconnect, finishReason })}`);
console.log(`last part: ${JSON.stringify(part)}`);
server.closeAllConnections();
server.close();
process.exit(chat.status === 'ready' && isAbort === false && part.state === 'streaming' ? 0 : 1);
JS
timeout 90 node try.mjs
