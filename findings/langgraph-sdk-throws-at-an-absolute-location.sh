#!/bin/sh
# Package:   @langchain/langgraph-sdk 1.15.0 (npm), with Node.js 20 or later.
# Behaviour: the client resumes a cut stream at the response's Location. It puts its base address before it, whatever stands there: with
#            a path it goes on, with a whole URL it throws.
# Seen:      Location is a path: 1,2,end
#            Location is a URL:  1, then TypeError: Invalid URL
# Surprise:  Location may be either by RFC 9110, frameworks and proxies make absolute URLs of it on their own, and all is well until the
#            first connection breaks. The error then hides the broken connection, which was to be survived.
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

async function run(absolute) {
  const server = http.createServer((request, reply) => {
    request.resume();
    request.on('end', () => {
      const base = absolute ? `http://127.0.0.1:${server.address().port}` : '';
      const headers = { 'content-type': 'text/event-stream', location: `${base}/threads/t/runs/r/stream` };
      reply.writeHead(200, { ...headers, 'content-location': '/threads/t/runs/r' });
      if (request.method === 'POST') {
        // The connection breaks after the first event.
        reply.write('id: 1\nevent: values\ndata: {"n":1}\n\n', () => setTimeout(() => reply.destroy(), 100));
      } else {
        reply.end('id: 2\nevent: values\ndata: {"n":2}\n\nid: 3\nevent: end\ndata: null\n\n');
      }
    });
  });
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
  const client = new Client({ apiUrl: `http://127.0.0.1:${server.address().port}`, apiKey: 'none', callerOptions: { maxRetries: 0 } });
  const seen = [];
  try {
    for await (const event of client.runs.stream('t', 'agent', { input: {}, streamMode: 'values', streamResumable: true })) {
      seen.push(event.event === 'values' ? event.data.n : event.event);
    }

    return `${seen}`;
  } catch (error) {
    return `${seen}, then ${error.name}: ${error.message}`;
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const path = await run(false);
const url = await run(true);
console.log(`Location is a path: ${path}`);
console.log(`Location is a URL:  ${url}`);
process.exit(path === '1,2,end' && /Invalid URL/.test(url) ? 0 : 1);
JS
timeout 90 node try.mjs
