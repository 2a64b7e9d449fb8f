// The stock client of OpenAI, asked to do what is named. Says what came of it as one line of JSON.
//
//   node client.mjs <address> <what> <question>
import OpenAI from 'openai';

const [address, what, question] = process.argv.slice(2);
const client = new OpenAI({ apiKey: 'none', baseURL: `${address}v1`, maxRetries: 0 });
const model = 'assistant';
const messages = [{ role: 'user', content: question }];

const everything = {
  async models() {
    const page = await client.models.list();
    const one = await client.models.retrieve(model);
    return { names: page.data.map(each => each.id), one: one.id };
  },

  async 'chat whole'() {
    return chosen(await client.chat.completions.create({ model, messages }));
  },

  async 'chat helper'() {
    // Of a field that it does not know, the helper keeps the last piece alone.
    const stream = client.chat.completions.stream({ model, messages, stream_options: { include_usage: true } });
    let thought = '';
    stream.on('chunk', piece => { thought += piece.choices[0]?.delta.reasoning_content ?? ''; });
    return { ...chosen(await stream.finalChatCompletion()), thought, total: (await stream.totalUsage()).total_tokens };
  },

  async 'chat pieces'() {
    return together(await client.chat.completions.create({ model, messages, stream: true }));
  },

  // The request is cut after its first piece; the same key gets the run again, streamed and whole.
  async 'chat again'() {
    const headers = { 'Idempotency-Key': crypto.randomUUID() };
    const cut = await client.chat.completions.create({ model, messages, stream: true }, { headers });
    let id;
    for await (const piece of cut) {
      id = piece.id;
      break;
    }

    const streamed = await together(await client.chat.completions.create({ model, messages, stream: true }, { headers }));
    const whole = chosen(await client.chat.completions.create({ model, messages }, { headers }));
    return { ...whole, same: id === whole.id && id === streamed.id, streamed: streamed.text };
  },

  async 'response whole'() {
    return response(await client.responses.create({ model, input: question }));
  },

  async 'response helper'() {
    return response(await client.responses.stream({ model, input: question }).finalResponse());
  },

  async 'response polled'() {
    let current = await client.responses.create({ model, input: question, background: true });
    const first = current.status;
    while (current.status === 'queued' || current.status === 'in_progress') {
      current = await client.responses.retrieve(current.id);
    }

    return { ...response(current), first };
  },

  // One event of each connection, then it is cut.
  async 'response cut'() {
    const seen = [];
    let stream = await client.responses.create({ model, input: question, background: true, stream: true });
    while (true) {
      let next;
      for await (const event of stream) {
        next = event;
        break;
      }

      stream.controller.abort();
      seen.push(next);
      if (next.response && next.type !== 'response.created' && next.type !== 'response.in_progress') {
        break;
      }

      stream = await client.responses.retrieve(seen[0].response.id, { stream: true, starting_after: next.sequence_number });
    }

    const all = [];
    for await (const event of await client.responses.retrieve(seen[0].response.id, { stream: true })) {
      all.push(event);
    }

    return { ...response(seen.at(-1).response), events: seen.length, same: JSON.stringify(seen) === JSON.stringify(all) };
  },

  // The helper comes back to a response of which it knows the id and the number of an event.
  async 'response resumed'() {
    let begun;
    for await (const event of await client.responses.create({ model, input: question, background: true, stream: true })) {
      begun ??= event;
      if (event.type === 'response.output_text.delta') {
        const helper = client.responses.stream({ response_id: begun.response.id, starting_after: event.sequence_number });
        const after = [];
        helper.on('event', next => after.push(next.sequence_number));
        const final = await helper.finalResponse();
        return { ...response(final), later: after.length > 0 && after.every(number => number > event.sequence_number) };
      }
    }
  },

  async 'response cancelled'() {
    let begun;
    const stream = await client.responses.create({ model, input: question, background: true, stream: true });
    const types = [];
    for await (const event of stream) {
      begun ??= event;
      types.push(event.type);
      if (event.type === 'response.output_text.delta') {
        const cancelled = await client.responses.cancel(begun.response.id);
        types.push(cancelled.status);
      }
    }

    return { ...response(await client.responses.retrieve(begun.response.id)), last: types.at(-1), said: types.includes('cancelled') };
  },

  async 'response previous'() {
    const first = await client.responses.create({ model, input: question });
    return response(await client.responses.create({ model, input: 'What did I ask before?', previous_response_id: first.id }));
  },
};

function chosen(completion) {
  const { message, finish_reason: finish } = completion.choices[0];
  return { id: completion.id, text: message.content, thought: message.reasoning_content, finish, usage: completion.usage?.total_tokens };
}

async function together(stream) {
  const all = { text: '', thought: '' };
  for await (const { id, choices: [choice] } of stream) {
    all.id = id;
    all.text += choice.delta.content ?? '';
    all.thought += choice.delta.reasoning_content ?? '';
    all.finish = choice.finish_reason ?? all.finish;
  }

  return all;
}

function response(given) {
  const thoughts = given.output.filter(item => item.type === 'reasoning').map(item => item.summary[0].text);
  return {
    id: given.id,
    text: given.output_text ?? given.output.filter(item => item.type === 'message').map(item => item.content[0].text).join(''),
    thought: thoughts.join('\n\n'), status: given.status, code: given.error?.code, usage: given.usage?.total_tokens,
  };
}

try {
  console.log(JSON.stringify(await everything[what]()));
} catch (error) {
  console.log(JSON.stringify({ error: error.constructor.name, status: error.status, code: error.code, message: error.message }));
}
