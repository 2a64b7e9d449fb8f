// The core of the page, many times, which comes back whenever its sockets are cut.
// Arguments: port of the API, how many sessions, how many connections, the file of the core.
import { WebSocket } from 'ws';

const [port, sessions, connections] = process.argv.slice(2, 5).map(Number);
const { Session } = await import(process.argv[5]);
let opened = 0;

for (let number = 0; number < connections; number += 1) {
  new Session({
    server: `http://127.0.0.1:${port}`,
    sessionId: `return-${number % sessions}`,
    WebSocket,
    onFrame({ type }) {
      if (type === 'connected' && ++opened % connections === 0) {
        console.log(opened === connections ? 'ready' : `back ${opened / connections - 1}`);
      }
    },
  }).connect();
}
