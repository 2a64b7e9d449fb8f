// The stock clients of MCP and A2A. What they are to do comes as JSON; what they have in the end goes out as JSON.
import { ClientFactory, JsonRpcTransportFactory } from '@a2a-js/sdk/client';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { cutting, say } from './cut.mjs';

const { address, runs, cutsUpTo } = JSON.parse(process.argv[2]);
const reconnectionOptions = { initialReconnectionDelay: 10, maxReconnectionDelay: 10, reconnectionDelayGrowFactor: 1, maxRetries: 9 };

async function overMcp(run, cutAfter) {
  const asks = run.approves !== undefined;
  const client = new Client({ name: 'test', version: '1.0.0' }, { capabilities: asks ? { elicitation: {} } : {} });
  let asked = 0;
  if (asks) {
    client.setRequestHandler(ElicitRequestSchema, () => {
      asked++;
      return { action: 'accept', content: { approved: run.approves } };
    });
  }

  await client.connect(new StreamableHTTPClientTransport(new URL(`${address}/mcp`), {
    fetch: (url, init) => cutting(String(init?.body).includes('"tools/call"') ? cutAfter : undefined)(url, init),
    reconnectionOptions,
  }));
  const progress = [];
  const result = await client.callTool(
    { name: 'assistant', arguments: { message: run.say } }, undefined, { onprogress: (one) => progress.push(one) });
  const tools = (await client.listTools()).tools.map(({ name }) => name);
  await client.close();
  return {
    asked, tools, text: result.content.map(({ text }) => text), isError: result.isError ?? false, fields: result.structuredContent,
    progress: progress.map((one) => one.progress), lines: progress.map(({ message }) => message),
  };
}

const text = (parts) => parts.map(({ content }) => (content.$case === 'text' ? content.value : '')).join('');
const messageOf = (id, content, more) => ({
  messageId: id, role: 1, parts: [{ content, filename: '', mediaType: '' }], contextId: '', taskId: '', extensions: [],
  referenceTaskIds: [], ...more,
});

async function overA2A(run, cutAfter) {
  let cut = cutAfter;
  const fetchImpl = (url, init) => cutting(cut)(url, init);
  const client = await new ClientFactory({ transports: [new JsonRpcTransportFactory({ fetchImpl })] })
    .createFromUrl(`${address}/a2a/assistant/`);
  let task;
  let answer = '';
  const states = [];
  const follow = async (stream) => {
    for await (const { payload: { $case, value } } of stream) {
      if ($case === 'task') {
        task = value;
        answer = task.artifacts.map(({ parts }) => text(parts)).join('');
      } else if ($case === 'statusUpdate') {
        task.status = value.status;
        states.push(value.status.state);
      } else {
        answer = (value.append ? answer : '') + text(value.artifact.parts);
      }
    }
  };
  const id = `${run.name}-${cutAfter}-${Date.now()}`.replaceAll(' ', '-');
  const ask = () => client.sendMessageStream({ tenant: '', message: messageOf(id, { $case: 'text', value: run.say }) });
  let over;
  try {
    await follow(ask());
  } catch (error) {
    if (!error.message.includes('network error')) throw error;
    cut = undefined;
    try {
      await follow(task === undefined ? ask() : client.resubscribeTask({ tenant: '', id: task.id }));
    } catch (late) {
      over = late.name;
    }
  }

  const { contextId, id: taskId } = task;
  cut = undefined;
  let question;
  if (task.status.state === 6) {
    question = task.status.message.parts.map(({ content }) => content.value);
    const data = { $case: 'data', value: { approved: run.approves } };
    await follow(client.sendMessageStream({ tenant: '', message: messageOf(`${id}-answer`, data, { contextId, taskId }) }));
  }

  const whole = await client.getTask({ tenant: '', id: taskId });
  return {
    over, question, answer: over === undefined ? answer : undefined, states,
    state: whole.status.state, error: whole.status.message && text(whole.status.message.parts), usage: whole.metadata?.usage,
    text: whole.artifacts.map(({ parts }) => text(parts)),
    said: whole.history.map(({ parts, metadata }) => ({ type: metadata?.type, value: parts[0].content.value })),
  };
}

for (const run of runs) {
  for (const [wire, over] of [['mcp', overMcp], ['a2a', overA2A]]) {
    const cuts = Array.from({ length: cutsUpTo + 1 }, (_, index) => (index === 0 ? undefined : index));
    for (const [index, talked] of (await Promise.all(cuts.map((cut) => over(run, cut)))).entries()) {
      say({ wire, name: run.name, cutAfter: index, ...talked });
    }
  }
}
