// Asks with the package for JavaScript, and writes what it reads as lines of JSON, up to the end of the run.
import { Session } from '../../../../clients/js/src/index.js';

const [server, sessionId, message, speed] = process.argv.slice(2);
let began = false;

const write = (frame) => console.log(JSON.stringify(frame));
const session = new Session({
  server,
  sessionId,
  // So that a patience of a minute takes seconds.
  clock: { now: () => Date.now() * speed, setTimeout: (action, ms) => setTimeout(action, ms / speed), clearTimeout },
  onFrame(frame) {
    began ||= frame.seq !== undefined;
    if (began || frame.type === 'status') {
      write(frame);
    }

    if (frame.type === 'run_finished') {
      session.disconnect();
      process.stdin.destroy();
    }
  },
  onConnection({ status }) {
    if (status === 'reconnecting') {
      write({ type: 'lost' });
    }
  },
});

session.send({ message });
session.connect();

// Whoever reads has gone.
process.stdin.resume().on('end', () => process.exit());
