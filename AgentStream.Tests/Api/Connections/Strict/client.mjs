// A strict client: ws checks opcodes, lengths, masks and UTF-8, and closes with 1002 or 1007 where they are wrong.
// Writes one line of JSON for each thing that happens. Pings all the time, so that pongs come among the frames.
import WebSocket from 'ws';

const [address, lastType, subProtocol] = process.argv.slice(2);
const say = (what) => process.stdout.write(`${JSON.stringify(what)}\n`);
const socket = new WebSocket(address, subProtocol, { perMessageDeflate: true });
let pings = 0;
const pinging = setInterval(() => {
  if (socket.readyState === WebSocket.OPEN) {
    socket.ping(String(pings++));
  }
}, 1);
socket.on('open', () => say({ open: socket.protocol, extensions: socket.extensions }));
socket.on('pong', (data) => say({ pong: data.toString() }));
socket.on('message', (data, isBinary) => {
  say({ frame: data.toString(), isBinary });
  if (JSON.parse(data).type === lastType) {
    socket.close(1000, 'done');
  }
});
socket.on('error', (error) => say({ error: `${error.code}: ${error.message}` }));
socket.on('close', (code, reason) => {
  clearInterval(pinging);
  say({ close: code, reason: reason.toString(), pings });
});
