// The stock clients of all wires, each with two tools of its own. Says what each of them has in the end as a line of JSON.
import { HttpAgent } from '@ag-ui/client';
import OpenAI from 'openai';
import { Chat, settled } from './chat.mjs';
import { cutting, say } from './cut.mjs';

process.on('unhandledRejection', () => {});
console.warn = () => {};
const { address, question } = JSON.parse(process.argv[2]);
const schema = { type: 'object', properties: { city: { type: 'string' } } };
const tools = [
  { name: 'weather', description: 'The weather of a city.', parameters: schema },
  { name: 'news', description: 'What is new.', parameters: { type: 'object', properties: {} } },
];
const execute = (name) => (name === 'weather' ? '20 °C' : 'no news');

// Both requests are cut after some events and sent again with what the client has.
async function agUi(cutAfter) {
  let cut;
  const threadId = `ag-ui-${cutAfter}`;
  const agent = new HttpAgent({ url: `${address}/ag-ui/assistant`, threadId, fetch: (url, init) => cutting(cut)(url, init) });
  let pending = [];
  const run = async (runId) => {
    cut = cutAfter;
    const onRunFinishedEvent = ({ pendingToolCallIds }) => { pending = pendingToolCallIds; };
    const go = () => agent.runAgent({ runId, tools }, { onRunFinishedEvent });
    await go().catch(() => {
      cut = undefined;
      return go();
    });
  };
  agent.addMessage({ id: `${threadId}-q`, role: 'user', content: question });
  await run('r1');
  for (const toolCallId of pending) {
    const call = agent.messages.flatMap((message) => message.toolCalls ?? []).find(({ id }) => id === toolCallId);
    agent.addMessage({ id: `${threadId}-${toolCallId}`, role: 'tool', toolCallId, content: execute(call.function.name) });
  }

  await run('r2');
  const calls = agent.messages.flatMap((message) => message.toolCalls ?? []);
  return {
    text: agent.messages.findLast(({ role }) => role === 'assistant').content,
    thought: agent.messages.filter(({ role, content }) => role === 'reasoning' && content).map(({ content }) => content).join(),
    calls: calls.map(({ id, function: { name, arguments: given } }) => {
      const results = agent.messages.filter((message) => message.toolCallId === id);
      return `${name} ${given} = ${results.map(({ content }) => content)}`;
    }),
    asked: pending.length,
  };
}

async function uiMessages(version, cutAfter) {
  const { lastAssistantMessageIsCompleteWithToolCalls, ...kit } = await import(version === 6 ? 'ai6' : 'ai');
  let cut = cutAfter;
  const errors = [];
  const chat = new (Chat(kit))({
    id: `ui-${version}-${cutAfter}`,
    transport: new kit.DefaultChatTransport({
      api: `${address}/api/chat`, body: { agent: 'assistant', tools },
      fetch: (url, init) => cutting(init?.method === 'POST' ? cut : undefined)(url, init),
    }),
    onToolCall: ({ toolCall }) => {
      if (!toolCall.dynamic) {
        void chat.addToolOutput({ tool: toolCall.toolName, toolCallId: toolCall.toolCallId, output: execute(toolCall.toolName) });
      }
    },
    sendAutomaticallyWhen: lastAssistantMessageIsCompleteWithToolCalls,
    onError: (error) => errors.push(error.message),
  });
  await chat.sendMessage({ role: 'user', parts: [{ type: 'text', text: question }] });
  await settled(chat);
  while (errors.length > 0) {
    errors.length = 0;
    cut = undefined;
    await chat.resumeStream();
    await settled(chat);
  }

  const { parts } = chat.lastMessage;
  return {
    text: parts.filter(({ type }) => type === 'text').map(({ text }) => text).at(-1),
    calls: parts.filter(({ type }) => type.startsWith('tool-'))
      .map(({ type, input, output }) => `${type.slice(5)} ${JSON.stringify(input)} = ${output}`),
    status: chat.status,
  };
}

const openai = new OpenAI({ apiKey: 'none', baseURL: `${address}/v1`, maxRetries: 0 });
const functions = tools.map((tool) => ({ type: 'function', function: tool }));

async function chatCompletions(isStreamed) {
  const messages = [{ role: 'user', content: question }];
  const ask = async () => {
    const body = { model: 'assistant', messages, tools: functions };
    return isStreamed
      ? openai.chat.completions.stream({ ...body, stream_options: { include_usage: true } }).finalChatCompletion()
      : openai.chat.completions.create(body);
  };
  const first = await ask();
  const { message, finish_reason: finish } = first.choices[0];
  messages.push(message);
  for (const { id, function: { name } } of message.tool_calls) {
    messages.push({ role: 'tool', tool_call_id: id, content: execute(name) });
  }

  const answers = [await ask(), await ask()];
  const lacking = await openai.chat.completions.create({ model: 'assistant', messages: messages.slice(0, -1), tools: functions })
    .then(({ choices }) => choices[0].message.content, ({ status }) => status);
  return {
    text: answers[0].choices[0].message.content,
    again: answers[1].choices[0].message.content,
    finish: [finish, answers[0].choices[0].finish_reason],
    thought: message.reasoning_content,
    calls: message.tool_calls.map(({ function: { name, arguments: given } }) => `${name} ${given} = ${execute(name)}`),
    tokens: first.usage?.total_tokens,
    lacking,
  };
}

const itemsOf = (response) => response.output.filter(({ type }) => type === 'function_call');

async function responses(how) {
  const given = { model: 'assistant', tools: tools.map((tool) => ({ type: 'function', strict: false, ...tool })) };
  const ask = async (body) => {
    if (how === 'whole') {
      return openai.responses.create({ ...given, ...body });
    }

    if (how === 'helper') {
      return openai.responses.stream({ ...given, ...body }).finalResponse();
    }

    // Streamed twice: the second time from each event on.
    const events = [];
    for await (const event of await openai.responses.create({ ...given, ...body, stream: true, background: true })) {
      events.push(event);
    }

    const { id } = events[0].response;
    for (let seen = 0; seen < events.length - 1; seen++) {
      const rest = [];
      for await (const event of await openai.responses.retrieve(id, { stream: true, starting_after: events[seen].sequence_number })) {
        rest.push(event);
      }

      const [is, was] = [rest, events.slice(seen + 1)].map((list) => JSON.stringify(list));
      if (is !== was) {
        throw new Error(`after ${seen}:\n${is}\n${was}`);
      }
    }

    return openai.responses.retrieve(id);
  };
  const first = await ask({ input: question });
  const unanswered = await openai.responses.create({ ...given, input: 'hello', previous_response_id: first.id })
    .then(() => null, ({ status }) => status);
  const outputs = itemsOf(first).map(({ call_id: id, name }) => ({ type: 'function_call_output', call_id: id, output: execute(name) }));
  const last = await ask({ input: outputs, previous_response_id: first.id });
  const later = await openai.responses.create({ ...given, input: 'hello', previous_response_id: last.id });
  return {
    text: last.output_text ?? last.output.find(({ type }) => type === 'message').content[0].text,
    status: [first.status, last.status],
    thought: first.output.find(({ type }) => type === 'reasoning').summary[0].text,
    calls: itemsOf(first).map(({ name, arguments: text }) => `${name} ${text} = ${execute(name)}`),
    unanswered,
    later: later.output_text,
    differ: first.id !== last.id,
  };
}

for (const cutAfter of [undefined, 1, 3, 6]) {
  say({ how: `ag-ui ${cutAfter}`, ...await agUi(cutAfter) });
}

for (const version of [6, 7]) {
  for (const cutAfter of [undefined, 2]) {
    say({ how: `ui ${version} ${cutAfter}`, ...await uiMessages(version, cutAfter) });
  }
}

for (const isStreamed of [false, true]) {
  say({ how: `chat ${isStreamed}`, ...await chatCompletions(isStreamed) });
}

for (const how of ['whole', 'helper', 'replayed']) {
  say({ how: `responses ${how}`, ...await responses(how) });
}
