#!/bin/sh
# Package:   openai 7.59.0 (npm), with Node.js 20 or later.
# Behaviour: a server that fails in mid-stream says so as vLLM and SGLang do, `data: {"object":"error","message":...,"code":500}`, and ends
#            with `data: [DONE]`. The client hands the error out as one more chunk, without `choices`, and the loop ends like any other.
#            Only `{"error":{...}}` is thrown.
# Seen:      chunks: ["Hel",undefined] and the loop ended without an error
#            {"error":...} throws: out of memory
# Surprise:  the usual `chunk.choices?.[0]?.delta?.content ?? ""` shows half an answer as a whole one.
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

async function read(error) {
  const server = http.createServer((request, response) => {
    request.resume();
    request.on('end', () => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const choices = [{ index: 0, delta: { content: 'Hel' }, finish_reason: null }];
      const chunk = { id: '1', object: 'chat.completion.chunk', created: 1, model: 'm', choices };
      response.write(`data: ${JSON.stringify(chunk)}\n\n`);
      response.write(`data: ${JSON.stringify(error)}\n\n`);
      response.end('data: [DONE]\n\n');
    });
  });
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
  const client = new OpenAI({ apiKey: 'none', baseURL: `http://127.0.0.1:${server.address().port}/v1`, maxRetries: 0 });
  const texts = [];
  try {
    const messages = [{ role: 'user', content: 'hi' }];
    for await (const chunk of await client.chat.completions.create({ model: 'm', stream: true, messages })) {
      texts.push(chunk.choices?.[0]?.delta?.content);
    }

    return { texts, thrown: null };
  } catch (thrown) {
    return { texts, thrown: thrown.message };
  } finally {
    server.close();
  }
}

const flat = await read({ object: 'error', message: 'out of memory', type: 'InternalServerError', param: null, code: 500 });
const nested = await read({ error: { message: 'out of memory', type: 'InternalServerError', code: 500 } });
console.log('chunks:', flat.texts, flat.thrown === null ? 'and the loop ended without an error' : `thrown: ${flat.thrown}`);
console.log('{"error":...} throws:', nested.thrown);
process.exit(flat.thrown === null && flat.texts.length === 2 && nested.thrown !== null ? 0 : 1);
JS
timeout 90 node try.mjs
