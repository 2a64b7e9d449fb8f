// Reads what a client sends, with the parser of ws: a connection on each line of standard input, in base64.
// Writes one line of JSON for each: what its parser told.
import readline from 'node:readline';
import { Receiver } from 'ws';

const maxPayload = Number(process.argv[2]);
const statuses = { WS_ERR_INVALID_UTF8: 1007, WS_ERR_UNSUPPORTED_MESSAGE_LENGTH: 1009, WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH: 1009 };

const receive = (bytes) => new Promise((done) => {
  const told = [];
  const receiver = new Receiver({ isServer: true, maxPayload });
  const end = () => setImmediate(() => done(told));
  receiver.on('message', (data, isBinary) => told.push(isBinary ? 'binary' : `text ${data.toString('base64')}`));
  receiver.on('ping', (data) => told.push(`ping ${data.toString('base64')}`));
  receiver.on('conclude', (code) => told.push(`close ${code}`));
  receiver.on('error', (error) => {
    told.push(`error ${statuses[error.code] ?? 1002}`);
    end();
  });
  receiver.on('finish', end);
  receiver.end(bytes);
});

for await (const line of readline.createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify({ told: await receive(Buffer.from(line, 'base64')) })}\n`);
}
