// Asks, and asks once more while there is no server; writes each entry as a line of JSON, and ends with the second run.
import { initialState, reduce, Session } from '@agentstream/client';

const state = initialState('s1');
let sends = 0;
let ended = 0;

const session = new Session({
  server: process.argv[2],
  sessionId: 's1',
  onFrame(frame) {
    reduce(state, frame);
    if (frame.seq === undefined) {
      return;
    }

    console.log(JSON.stringify(frame));
    if (frame.type === 'run_finished' && ++ended === 2) {
      const texts = [...state.runs.values()].map(({ steps }) => [...steps.values()].at(-1).content);
      console.log(JSON.stringify({ type: 'state', data: { texts, unsent: session.unsent.length, position: session.position } }));
      session.disconnect();
    }
  },
  onConnection({ status }) {
    if (status === 'reconnecting' && sends === 1) {
      sends += 1;
      session.send({ message: 'And once more?' });
    }
  },
});

session.connect();
sends += 1;
session.send({ message: 'How much?' });
