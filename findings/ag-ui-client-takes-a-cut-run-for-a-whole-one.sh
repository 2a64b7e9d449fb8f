#!/bin/sh
# Package:   @ag-ui/client 1.0.0 (npm), with Node.js 20 or later.
# Behaviour: a response that ends in mid-message, without RUN_FINISHED or RUN_ERROR, is a success: runAgent() resolves with the half
#            message, and neither onRunFailed nor onRunErrorEvent is called.
# Seen:      cut in mid-message: resolves with ["Take the left"], called: onRunFinalized
#            finished in mid-message: rejects: Cannot send 'RUN_FINISHED' while text messages are still active: m
# Surprise:  the client verifies the order of events and refuses a run that is finished with a message open, so one expects it to refuse
#            a run that is not finished at all. A proxy that ends a response at its time limit makes half answers into whole ones.
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

const started = { type: 'RUN_STARTED', threadId: 't', runId: 'r' };
const open = { type: 'TEXT_MESSAGE_START', messageId: 'm', role: 'assistant' };
const half = { type: 'TEXT_MESSAGE_CONTENT', messageId: 'm', delta: 'Take the left' };
const finished = { type: 'RUN_FINISHED', threadId: 't', runId: 'r' };

async function read(...events) {
  const server = http.createServer((request, response) => {
    request.resume();
    request.on('end', () => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(events.map(event => `data: ${JSON.stringify(event)}\n\n`).join(''));
    });
  });
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
  const initialMessages = [{ id: 'u', role: 'user', content: 'hi' }];
  const agent = new HttpAgent({ url: `http://127.0.0.1:${server.address().port}/`, threadId: 't', initialMessages });
  const called = [];
  const subscriber = {
    onRunFailed: () => { called.push('onRunFailed'); },
    onRunErrorEvent: () => { called.push('onRunErrorEvent'); },
    onRunFinishedEvent: () => { called.push('onRunFinishedEvent'); },
    onRunFinalized: () => { called.push('onRunFinalized'); },
  };
  try {
    const { newMessages } = await agent.runAgent({ runId: 'r' }, subscriber);
    return `resolves with ${JSON.stringify(newMessages.map(message => message.content))}, called: ${called.join(', ')}`;
  } catch (error) {
    return `rejects: ${error.message}`;
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const cut = await read(started, open, half);
const early = await read(started, open, half, finished);
console.log(`cut in mid-message: ${cut}`);
console.log(`finished in mid-message: ${early}`);
process.exit(/^resolves with \["Take the left"\]/.test(cut) && /^rejects/.test(early) ? 0 : 1);
JS
timeout 90 node try.mjs
