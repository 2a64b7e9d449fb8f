// A relay as its users write it: every message of a Redis channel goes to every socket. Arguments: port of Redis, port to listen on.
import { Redis } from 'ioredis';
import { WebSocketServer } from 'ws';

const [redisPort, port] = process.argv.slice(2).map(Number);
const server = new WebSocketServer({ host: '127.0.0.1', port, perMessageDeflate: false });
server.on('connection', (socket) => socket.send('joined'));
const subscriber = new Redis(redisPort);
await subscriber.subscribe('room');
subscriber.on('message', (_, message) => {
  for (const client of server.clients) {
    client.send(message);
  }
});
console.log('ready');
