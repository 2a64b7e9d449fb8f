#!/bin/sh
# Package:   @anthropic-ai/sdk 1.14.0 (npm), with Node.js 20 or later.
# Behaviour: where the limit of tokens cuts a tool's input in the middle, messages.stream() leaves the unfinished member out and hands
#            the rest on as an input that is whole.
# Seen:      the model wrote: {"path":"/etc/hosts","keep_lines":12,"text":"127.0.0.1 loc
#            the call has:    {"path":"/etc/hosts","keep_lines":12}, stop_reason max_tokens
# Surprise:  half a JSON object is usually an error, and here it is a call with other arguments than the model had in mind: to write a
#            file without its text. Only stop_reason tells, which a loop over tool_use blocks does not look at.
# Ends with 0 as long as it is so.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @anthropic-ai/sdk@1.14.0
cat > try.mjs <<'JS'
import http from 'node:http';
import Anthropic from '@anthropic-ai/sdk';

const message = { id: 'msg_1', type: 'message', role: 'assistant', model: 'm', content: [], stop_reason: null, stop_sequence: null };
const input = '{"path":"/etc/hosts","keep_lines":12,"text":"127.0.0.1 loc';
const events = [
  { type: 'message_start', message: { ...message, usage: { input_tokens: 1, output_tokens: 1 } } },
  { type: 'content_block_start', index: 0, content_block: { type: 'tool_use', id: 'toolu_1', name: 'write', input: {} } },
  { type: 'content_block_delta', index: 0, delta: { type: 'input_json_delta', partial_json: input } },
  { type: 'content_block_stop', index: 0 },
  { type: 'message_delta', delta: { stop_reason: 'max_tokens', stop_sequence: null }, usage: { output_tokens: 20 } },
  { type: 'message_stop' },
];
const server = http.createServer((request, reply) => {
  request.resume();
  request.on('end', () => {
    reply.writeHead(200, { 'content-type': 'text/event-stream' });
    reply.end(events.map(event => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join(''));
  });
});
await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
const client = new Anthropic({ apiKey: 'none', baseURL: `http://127.0.0.1:${server.address().port}`, maxRetries: 0 });
const stream = client.messages.stream({ model: 'm', max_tokens: 20, messages: [{ role: 'user', content: 'hi' }] });
const final = await stream.finalMessage();
const call = JSON.stringify(final.content[0].input);
console.log(`the model wrote: ${input}`);
console.log(`the call has:    ${call}, stop_reason ${final.stop_reason}`);
server.closeAllConnections();
server.close();
process.exit(call === '{"path":"/etc/hosts","keep_lines":12}' ? 0 : 1);
JS
timeout 90 node try.mjs
