// Reads frames of a server from standard input, cut anywhere, with the parser of ws. Writes one line of JSON for each message.
import { Receiver } from 'ws';

const receiver = new Receiver({ isServer: false, maxPayload: 0 });
receiver.on('message', (data, isBinary) => process.stdout.write(`${JSON.stringify({ text: data.toString(), isBinary })}\n`));
receiver.on('error', (error) => {
  process.stdout.write(`${JSON.stringify({ error: `${error.code}: ${error.message}` })}\n`);
  process.exit(0);
});
let size = 1;
process.stdin.on('data', (chunk) => {
  for (let at = 0; at < chunk.length;) {
    size = (size * 7 + 3) % 4099 + 1;
    receiver.write(chunk.subarray(at, at + size));
    at += size;
  }
});
