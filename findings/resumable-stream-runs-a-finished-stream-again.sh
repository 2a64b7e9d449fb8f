#!/bin/sh
# Package:   resumable-stream 2.2.13 (npm), with Node.js 20 or later.
# Behaviour: createNewResumableStream() for an id whose stream is done makes the stream again: the model is asked a second time.
#            resumableStream() returns null.
# Seen:      first call: "answer 1", then DONE
#            resumableStream: null
#            createNewResumableStream: "answer 2", calls of the model: 2
# Surprise:  its documentation promises null for a stream that is already fully done. Where the id is that of the client's message, so
#            that a POST which is sent again after a lost response is one run, the run is made and paid for twice.
# Ends with 0 as long as it is so.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund resumable-stream@2.2.13
cat > try.mjs <<'JS'
import { EventEmitter } from 'node:events';
import { createResumableStreamContext } from 'resumable-stream/generic';

// What the package asks of Redis, in memory.
const values = new Map();
const channels = new EventEmitter();
const publisher = {
  async connect() { },
  async publish(channel, message) { return channels.emit(channel, message) ? 1 : 0; },
  async set(key, value) { values.set(key, `${value}`); return 'OK'; },
  async get(key) { return values.get(key) ?? null; },
  async incr(key) {
    const next = Number(values.get(key) ?? 0) + 1;
    if (Number.isNaN(next)) {
      throw new Error('ERR value is not an integer or out of range');
    }

    values.set(key, `${next}`);
    return next;
  },
};
const subscriber = {
  async connect() { },
  async subscribe(channel, heard) { channels.on(channel, heard); },
  async unsubscribe(channel) { channels.removeAllListeners(channel); },
};
const context = createResumableStreamContext({ waitUntil: null, publisher, subscriber });

let calls = 0;
function model() {
  calls++;
  return new ReadableStream({
    start(controller) {
      controller.enqueue(`answer ${calls}`);
      controller.close();
    },
  });
}

async function text(stream) {
  let all = '';
  for await (const piece of stream) {
    all += piece;
  }

  return all;
}

async function ask(method) {
  const stream = await context[method]('chat', model);
  const answer = stream === null ? 'null' : `"${await text(stream)}"`;
  // The end is written down after the last piece.
  await new Promise(resolve => setTimeout(resolve, 50));
  return answer;
}

console.log(`first call: ${await ask('createNewResumableStream')}, then ${await context.hasExistingStream('chat')}`);
const resumable = await ask('resumableStream');
const created = await ask('createNewResumableStream');
console.log(`resumableStream: ${resumable}`);
console.log(`createNewResumableStream: ${created}, calls of the model: ${calls}`);
process.exit(resumable === 'null' && created === '"answer 2"' && calls === 2 ? 0 : 1);
JS
timeout 90 node try.mjs
