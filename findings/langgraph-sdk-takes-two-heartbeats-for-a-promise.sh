#!/bin/sh
# Package:   @langchain/langgraph-sdk 1.15.0 (npm), with Node.js 20 or later.
# Behaviour: after two comments in a stream the client expects more of them at that pace, and takes the stream for dead when none comes
#            for three times as long, six seconds at least: it breaks the connection off and asks again. Without any comment it waits.
# Seen:      no heartbeat, then silence:   POST after 0 s
#            two heartbeats, then silence: POST after 0 s, GET after 10 s
# Surprise:  a comment is what readers of event streams ignore. Sending one for the sake of proxies is an obligation here: a server that
#            sends some early, while the model is loading, and none while a tool works, loses viewers whom it would have kept without any.
# Ends with 0 as long as it is so.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @langchain/langgraph-sdk@1.15.0
cat > try.mjs <<'JS'
import http from 'node:http';
import { Client } from '@langchain/langgraph-sdk';

const pause = milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds));

async function run(heartbeats) {
  const requests = [];
  const began = Date.now();
  const server = http.createServer((request, reply) => {
    request.resume();
    request.on('end', async () => {
      requests.push(`${request.method} after ${Math.round((Date.now() - began) / 1000)} s`);
      const headers = { 'content-type': 'text/event-stream', location: '/threads/t/runs/r/stream' };
      reply.writeHead(200, { ...headers, 'content-location': '/threads/t/runs/r' });
      if (request.method === 'POST') {
        reply.write('id: 1\nevent: values\ndata: {"n":1}\n\n');
        for (let sent = 0; sent < heartbeats; sent++) {
          await pause(1000);
          reply.write(': heartbeat\n\n');
        }

        // A tool works, and the stream has nothing to say.
        await pause(16000 - 1000 * heartbeats);
      }

      reply.end('id: 2\nevent: values\ndata: {"n":2}\n\nid: 3\nevent: end\ndata: null\n\n');
    });
  });
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
  const client = new Client({ apiUrl: `http://127.0.0.1:${server.address().port}`, apiKey: 'none', callerOptions: { maxRetries: 0 } });
  for await (const _ of client.runs.stream('t', 'agent', { input: {}, streamMode: 'values', streamResumable: true })) { }
  server.closeAllConnections();
  server.close();
  return requests;
}

const [none, two] = await Promise.all([run(0), run(2)]);
console.log(`no heartbeat, then silence:   ${none.join(', ')}`);
console.log(`two heartbeats, then silence: ${two.join(', ')}`);
process.exit(none.length === 1 && two.length === 2 ? 0 : 1);
JS
timeout 90 node try.mjs
