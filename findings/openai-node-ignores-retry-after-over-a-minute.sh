#!/bin/sh
# Package:   openai 7.59.0 (npm), with Node.js 20 or later.
# Behaviour: the client honours `Retry-After` of 429 and 503 only below 60 seconds. A server that asks for 61 is asked again after half a
#            second, as if it had asked for nothing.
# Seen:      Retry-After: 2  -> asked again after 2024 ms
#            Retry-After: 61 -> asked again after 514 ms
# Surprise:  the longer a server asks to be left alone, the sooner it is asked again. A limit that has just over a minute to go uses up all
#            retries within seconds, each of which may count against the limit.
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

async function pauseAfter(seconds) {
  const asked = [];
  const server = http.createServer((request, response) => {
    request.resume();
    request.on('end', () => {
      asked.push(Date.now());
      if (asked.length === 1) {
        response.writeHead(429, { 'content-type': 'application/json', 'retry-after': String(seconds) });
        response.end(JSON.stringify({ error: { message: 'Rate limit reached.', type: 'requests', code: 'rate_limit_exceeded' } }));
        return;
      }

      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({
        id: '1', object: 'chat.completion', created: 1, model: 'm',
        choices: [{ index: 0, message: { role: 'assistant', content: 'hi' }, finish_reason: 'stop' }],
      }));
    });
  });
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
  const client = new OpenAI({ apiKey: 'none', baseURL: `http://127.0.0.1:${server.address().port}/v1` });
  await client.chat.completions.create({ model: 'm', messages: [{ role: 'user', content: 'hi' }] });
  server.close();
  console.log(`Retry-After: ${seconds} -> asked again after ${asked[1] - asked[0]} ms`);
  return asked[1] - asked[0];
}

const short = await pauseAfter(2);
const long = await pauseAfter(61);
process.exit(short >= 1900 && long < 2000 ? 0 : 1);
JS
timeout 90 node try.mjs
