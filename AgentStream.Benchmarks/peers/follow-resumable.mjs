// resumable-stream: one stream of tokens from the model, followed by so many readers that came later.
// Arguments: port of Redis, the model's address, the message, the number of readers. Writes "done" with the readers that saw all of it.
import { Redis } from 'ioredis';
import { createResumableStreamContext } from 'resumable-stream/ioredis';

const [port, model, message, readers] = process.argv.slice(2);
const clients = [new Redis(Number(port)), new Redis(Number(port))];
await Promise.all(clients.map((client) => client.ping()));
const pending = [];
const context = createResumableStreamContext({
  waitUntil: (promise) => pending.push(promise), publisher: clients[0], subscriber: clients[1],
});
console.log('ready');
const streams = [await context.createNewResumableStream('run', tokens)];
while (streams.length < Number(readers)) {
  streams.push(await context.resumeExistingStream('run'));
}
const texts = await Promise.all(streams.map(textOf));
console.log(`done ${texts.filter((text) => text === texts[0]).length}`);
// It stays until it is ended, with its connections.

function tokens() {
  return new ReadableStream({
    async start(controller) {
      const reply = await fetch(`${model}/chat/completions`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'bench', stream: true, messages: [{ role: 'user', content: message }] }),
      });
      const decoder = new TextDecoder();
      let text = '';
      for await (const piece of reply.body) {
        text += decoder.decode(piece, { stream: true });
        const lines = text.split('\n\n');
        text = lines.pop();
        for (const line of lines) {
          controller.enqueue(`${line}\n\n`);
        }
      }
      controller.close();
    },
  });
}

async function textOf(stream) {
  let text = '';
  for await (const piece of stream) {
    text += piece;
  }
  return text;
}
