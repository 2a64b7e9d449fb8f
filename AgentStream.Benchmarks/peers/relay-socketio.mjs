// socket.io with its Redis adapter, a room for each session. Arguments: port of Redis, port to listen on.
import { createServer } from 'node:http';
import { createAdapter } from '@socket.io/redis-adapter';
import { Redis } from 'ioredis';
import { Server } from 'socket.io';

const [redisPort, port] = process.argv.slice(2).map(Number);
const publisher = new Redis(redisPort);
const http = createServer();
const io = new Server(http,
  { adapter: createAdapter(publisher, publisher.duplicate()), transports: ['websocket'], perMessageDeflate: false });
io.on('connection', (socket) => {
  socket.join(socket.handshake.query.room);
  socket.emit('joined');
});
http.listen(port, '127.0.0.1', () => console.log('ready'));
