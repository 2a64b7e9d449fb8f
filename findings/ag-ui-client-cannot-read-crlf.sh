#!/bin/sh
# Package:   @ag-ui/client 1.0.0 (npm), with Node.js 20 or later.
# Behaviour: a stream of events whose lines end with CR LF is never split: all of it is one text that is no JSON, and the run fails when
#            the response ends. The same events with LF are read.
# Seen:      LF:    Hello
#            CR LF: SyntaxError: Unexpected non-whitespace character after JSON at position 51
# Surprise:  the format allows both, every browser reads both, and sse-starlette, which many agents in Python are served by, writes
#            CR LF unless it is told otherwise. Nothing is shown before the end, so it looks like a slow model first.
# Ends with 0 as long as it is so.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @ag-ui/client@1.0.0
cat > try.mjs <<'JS'
import http from 'node:http';
import { HttpAgent } from '@ag-ui/client';

const events = [
  { type: 'RUN_STARTED', threadId: 't', runId: 'r' },
  { type: 'TEXT_MESSAGE_START', messageId: 'm', role: 'assistant' },
  { type: 'TEXT_MESSAGE_CONTENT', messageId: 'm', delta: 'Hello' },
  { type: 'TEXT_MESSAGE_END', messageId: 'm' },
  { type: 'RUN_FINISHED', threadId: 't', runId: 'r' },
];

async function read(lineEnd) {
  const server = http.createServer((request, response) => {
    request.resume();
    request.on('end', () => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(events.map(event => `data: ${JSON.stringify(event)}${lineEnd}${lineEnd}`).join(''));
    });
  });
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
  const initialMessages = [{ id: 'u', role: 'user', content: 'hi' }];
  const agent = new HttpAgent({ url: `http://127.0.0.1:${server.address().port}/`, threadId: 't', initialMessages });
  try {
    await agent.runAgent({ runId: 'r' });
    return agent.messages.at(-1).content;
  } catch (error) {
    return `${error.name}: ${error.message}`;
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const lf = await read('\n');
const crlf = await read('\r\n');
console.log(`LF:    ${lf}`);
console.log(`CR LF: ${crlf}`);
process.exit(lf === 'Hello' && crlf !== 'Hello' ? 0 : 1);
JS
timeout 90 node try.mjs
