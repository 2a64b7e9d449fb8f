// The stock client of AG-UI. What it is to do comes as JSON; what it has in the end goes out as a line of JSON.
import { HttpAgent, verifyEvents } from '@ag-ui/client';
import { from, lastValueFrom, toArray } from 'rxjs';
import { cutting, say } from './cut.mjs';

// What is cut off rejects twice: with an error of the run, and with one that nobody waits for.
process.on('unhandledRejection', () => {});
console.warn = () => {};

const { address, agent = 'assistant', turns, cutsUpTo, comesBack } = JSON.parse(process.argv[2]);

async function run(client, turn, resume) {
  const what = { types: [], error: null };
  const subscriber = {
    onEvent: ({ event }) => { what.types.push(event.type); what.last = event; },
  };
  try {
    await client.runAgent({ runId: turn.runId, resume }, subscriber);
  } catch (error) {
    what.error = { status: error.status ?? null, payload: error.payload ?? null, message: error.message };
  }

  return { ...what, messages: client.messages };
}

// The turns in one thread, each cut off after some events and then asked for again with what the client has.
async function talk(threadId, cutAfter) {
  let cut;
  const client = new HttpAgent({
    url: `${address}/ag-ui/${agent}`, threadId, fetch: (url, init) => cutting(cut)(url, init),
  });
  const done = [];
  for (const turn of turns) {
    if (turn.say !== undefined) {
      client.addMessage({ id: `${threadId}-${turn.runId}`, role: 'user', content: turn.say });
    }

    const resume = turn.answers === undefined
      ? undefined
      : client.pendingInterrupts.map(({ id }) => ({ interruptId: id, status: 'resolved', payload: turn.answers }));
    cut = cutAfter;
    let last = await run(client, turn, resume);
    if (cutAfter !== undefined && last.error?.status === null) {
      cut = undefined;
      last = await run(client, turn, resume);
    }

    // The server is gone: it is asked again until it is back.
    while (comesBack && last.error?.status === null) {
      await new Promise((resolve) => { setTimeout(resolve, 100); });
      last = await run(client, turn, resume);
    }

    done.push(last);
  }

  return done;
}

// What the server writes, up to each of its events: nothing that the client's verifier refuses.
async function verify(threadId) {
  const response = await fetch(`${address}/ag-ui/${agent}/connect/${threadId}`);
  const live = await (await fetch(`${address}/ag-ui/${agent}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
    body: JSON.stringify({
      threadId: `${threadId}-live`, runId: 'r1', messages: [{ id: 'm1', role: 'user', content: turns[0].say }], tools: [], context: [],
    }),
  })).text();
  for (const text of [await response.text(), live]) {
    const events = text.split('\n\n').filter((part) => part.includes('data: '))
      .map((part) => JSON.parse(part.split('\n').find((line) => line.startsWith('data: ')).slice(6)));
    let refused = text.includes('\r') ? 'a carriage return' : null;
    for (let end = 1; end <= events.length && refused === null; end++) {
      await lastValueFrom(from(events.slice(0, end)).pipe(verifyEvents(false), toArray()))
        .catch((error) => { refused = `${end}: ${error.message}`; });
    }

    say({ verified: events.map((event) => event.type), refused, ids: (text.match(/^id: [0-9a-f]+:\d+$/gm) ?? []).length });
  }
}

say({ whole: await talk('whole') });
if (!comesBack) {
  await verify('whole');
}

for (let cutAfter = 1; cutAfter <= (cutsUpTo ?? 0); cutAfter++) {
  say({ cutAfter, turns: await talk(`cut-${cutAfter}`, cutAfter) });
}
