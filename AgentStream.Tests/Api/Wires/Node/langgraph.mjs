// The stock client of LangGraph's API. Says what it has of each run in the end as a line of JSON.
import { Client } from '@langchain/langgraph-sdk';
import { cutting, say } from './cut.mjs';

const { address, turns: all } = JSON.parse(process.argv[2]);
const streamMode = ['values', 'updates', 'messages-tuple'];

// What a client makes of a run that it follows, whatever was cut: the text of pieces, and the messages of updates and values.
async function follow(stream, seen) {
  for await (const { id, event, data } of stream) {
    seen.ids.push(id);
    seen.events.push(event);
    if (event === 'messages') {
      const [{ id: message, type, content }] = data;
      if (type === 'AIMessageChunk') {
        seen.pieces[message] = (seen.pieces[message] ?? '') + content;
      }
    } else if (event === 'updates') {
      for (const { id: message, type, ...rest } of Object.values(data).flatMap((update) => update.messages ?? [])) {
        if (type === 'remove') {
          delete seen.updates[message];
        } else {
          seen.updates[message] = { type, id: message, ...rest };
        }
      }

      seen.interrupts = data.__interrupt__ ?? seen.interrupts;
    } else if (event === 'values') {
      seen.values = data.messages;
    } else if (event === 'error') {
      seen.error = data;
    }
  }
}

function callsOf(messages) {
  return messages.flatMap(({ tool_calls: calls = [] }) => calls).map(({ id, name, args }) => {
    const results = messages.filter((message) => message.tool_call_id === id);
    return `${name} ${JSON.stringify(args)} = ${results.map(({ content }) => content)}`;
  });
}

async function talk(name, turns, cutAfter) {
  let cut;
  // Only the first answer is cut: the client comes back by itself.
  const fetching = (url, init) => {
    const events = cut;
    cut = undefined;
    return cutting(events)(url, init);
  };
  const client = new Client({ apiUrl: address, callerOptions: { fetch: fetching, maxRetries: 0 } });
  const { thread_id: thread } = await client.threads.create({ threadId: `lg-${name.replaceAll(' ', '-')}-${cutAfter}` });
  const seen = { ids: [], events: [], pieces: {}, updates: {} };
  let run;
  for (const turn of turns) {
    cut = cutAfter;
    const onRunCreated = ({ run_id: id }) => { run = id; };
    const ask = turn.say === undefined
      ? { command: { resume: { approved: turn.approved } } }
      : { input: { messages: [{ type: 'human', content: turn.say, id: `${thread}-q` }] } };
    await follow(client.runs.stream(thread, 'assistant', { ...ask, streamMode, onRunCreated }), seen);
  }

  const ai = (messages) => messages.filter(({ type }) => type === 'ai');
  const stands = Object.values(seen.updates);
  const state = await client.threads.getState(thread);
  const last = ai(stands).findLast(({ content, tool_calls: calls }) => content !== '' && calls === undefined);
  say({
    name,
    cutAfter: cutAfter ?? null,
    text: last?.content,
    streamed: seen.pieces[last?.id],
    thoughts: ai(stands).map(({ additional_kwargs: thought }) => thought?.reasoning_content).filter((text) => text !== undefined),
    calls: callsOf(stands),
    same: JSON.stringify(seen.values.slice(1)) === JSON.stringify(stands)
      && JSON.stringify(state.values.messages) === JSON.stringify(seen.values),
    again: seen.ids.length - new Set(seen.ids).size,
    ends: seen.events.filter((event) => event === 'end' || event === 'error').length,
    error: seen.error ?? null,
    status: (await client.runs.get(thread, run)).status,
    question: seen.values[0].content,
    joined: (await client.runs.join(thread, run)).messages.length === seen.values.length,
    runs: (await client.runs.list(thread)).length,
    history: (await client.threads.getHistory(thread)).length,
    usage: last?.usage_metadata?.total_tokens,
  });
  return seen.ids.length;
}

for (const { name, turns, cuts } of all) {
  const events = await talk(name, turns);
  if (cuts && turns.length === 1) {
    // All at once: each client waits a second before it comes back.
    await Promise.all(Array.from({ length: events - 1 }, (_, index) => talk(name, turns, index + 1)));
  }
}

// Two turns, of which the second is asked anew; and one that is cancelled while it waits for a person.
const client = new Client({ apiUrl: address });
const ask = (content, more) => ({ input: { messages: [{ type: 'human', content }] }, ...more });
await client.runs.wait('lg-forks', 'assistant', ask('hello'));
const { checkpoint } = await client.threads.getState('lg-forks');
await client.runs.wait('lg-forks', 'assistant', ask('be gone'));
const forked = await client.runs.wait('lg-forks', 'assistant', ask('you', { checkpoint }));
const waiting = await client.runs.create('lg-cancels', 'assistant', ask('ask first'));
const asked = await client.runs.join('lg-cancels', waiting.run_id);
await client.runs.cancel('lg-cancels', waiting.run_id, true);
const busy = await client.runs.create('lg-cancels', 'assistant', ask('ask first'));
await client.runs.join('lg-cancels', busy.run_id);
const refused = await client.runs.create('lg-cancels', 'assistant', ask('hello', { multitaskStrategy: 'reject' }))
  .catch(({ status }) => status);
say({
  forked: forked.messages.map(({ content }) => content),
  asked: asked.__interrupt__.length,
  cancelled: (await client.runs.get('lg-cancels', waiting.run_id)).status,
  refused,
});
