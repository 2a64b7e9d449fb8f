#!/bin/sh
# Package:   openai 7.59.0 (npm), with Node.js 20 or later.
# Behaviour: responses.stream({ response_id, starting_after }) does not send starting_after. It asks for the whole response again and
#            drops what came before the cursor itself. responses.retrieve(id, { stream: true, starting_after }) sends it.
# Seen:      retrieve: GET /v1/responses/resp_1?stream=true&starting_after=3, sent 2 events, handed out 4,5
#            stream:   GET /v1/responses/resp_1?stream=true, sent 6 events, handed out 4,5
# Surprise:  the parameter is the API's own, and resuming is what it is for: here each resumption costs the whole answer again, and a
#            server that keeps only the end of a long response can serve one of the two calls and not the other.
# Ends with 0 as long as it is so.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund openai@7.59.0
cat > try.mjs <<'JS'
import http from 'node:http';
import OpenAI from 'openai';

const response = { id: 'resp_1', object: 'response', created_at: 1, model: 'm', status: 'in_progress', output: [] };
const message = text => ({ id: 'msg_1', type: 'message', role: 'assistant', status: 'completed', content: text });
const part = text => ({ type: 'output_text', text, annotations: [] });
const place = { item_id: 'msg_1', output_index: 0, content_index: 0 };
const events = [
  { type: 'response.created', response },
  { type: 'response.output_item.added', output_index: 0, item: { ...message([]), status: 'in_progress' } },
  { type: 'response.content_part.added', ...place, part: part('') },
  { type: 'response.output_text.delta', ...place, delta: 'Hel', logprobs: [] },
  { type: 'response.output_text.delta', ...place, delta: 'lo', logprobs: [] },
  { type: 'response.completed', response: { ...response, status: 'completed', output: [message([part('Hello')])] } },
].map((event, number) => ({ ...event, sequence_number: number }));

const asked = [];
const sent = [];
const server = http.createServer((request, reply) => {
  asked.push(request.url);
  const query = new URL(request.url, 'http://server').searchParams;
  const after = query.has('starting_after') ? Number(query.get('starting_after')) : -1;
  const rest = events.filter(event => event.sequence_number > after);
  sent.push(rest.length);
  reply.writeHead(200, { 'content-type': 'text/event-stream' });
  reply.end(rest.map(event => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join(''));
});
await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
const client = new OpenAI({ apiKey: 'none', baseURL: `http://127.0.0.1:${server.address().port}/v1`, maxRetries: 0 });

async function numbers(stream) {
  const seen = [];
  for await (const event of stream) {
    seen.push(event.sequence_number);
  }

  return seen;
}

const retrieved = await numbers(await client.responses.retrieve('resp_1', { stream: true, starting_after: 3 }));
const streamed = await numbers(client.responses.stream({ response_id: 'resp_1', starting_after: 3 }));
console.log(`retrieve: GET ${asked[0]}, sent ${sent[0]} events, handed out ${retrieved}`);
console.log(`stream:   GET ${asked[1]}, sent ${sent[1]} events, handed out ${streamed}`);
server.closeAllConnections();
server.close();
const same = `${retrieved}` === '4,5' && `${streamed}` === '4,5';
process.exit(same && asked[0].includes('starting_after=3') && !asked[1].includes('starting_after') && sent[1] === 6 ? 0 : 1);
JS
timeout 90 node try.mjs
