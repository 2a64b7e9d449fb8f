#!/bin/sh
# Package:   @a2a-js/sdk 1.3.0 (npm), with Node.js 20 or later.
# Behaviour: two servers share a store of tasks. A cancel at the one that does not run the task is answered CANCELED, and its agent goes on:
#            nobody tells it. The stream of whoever watches ends with COMPLETED, while the store keeps CANCELED.
# Seen:      cancelled at its server: answer CANCELED, agent told: true, stream ends CANCELED, store CANCELED
#            cancelled at another:    answer CANCELED, agent told: false, stream ends COMPLETED, store CANCELED
# Surprise:  the store is what replicas are meant to share, and the answer is the one of a cancel that worked. The task has two ends
#            from then on, one for each who asks, and the agent's tools are called after the cancel was confirmed.
# Ends with 0 as long as it is so.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @a2a-js/sdk@1.3.0
cat > try.mjs <<'JS'
import { Role, TaskState } from '@a2a-js/sdk';
import { AgentEvent, DefaultRequestHandler, InMemoryTaskStore, ServerCallContext } from '@a2a-js/sdk/server';

const card = { name: 'agent', capabilities: { streaming: true }, skills: [], supportedInterfaces: [] };
const context = new ServerCallContext({ requestedVersion: '1.0' });
const message = {
  messageId: 'm', role: Role.ROLE_USER, contextId: '', taskId: '', metadata: {}, extensions: [], referenceTaskIds: [],
  parts: [{ content: { $case: 'text', value: 'hi' }, mediaType: 'text/plain', filename: '', metadata: {} }],
};
const statusOf = state => ({ state, timestamp: new Date().toISOString() });
const name = state => TaskState[state].replace('TASK_STATE_', '');

class Agent {
  told = false;
  #work = new Promise(resolve => { this.workIsDone = resolve; });

  async execute({ taskId, contextId, userMessage }, bus) {
    const is = state => bus.publish(AgentEvent.statusUpdate({ taskId, contextId, status: statusOf(state), metadata: {} }));
    const status = statusOf(TaskState.TASK_STATE_SUBMITTED);
    bus.publish(AgentEvent.task({ id: taskId, contextId, status, artifacts: [], history: [userMessage], metadata: {} }));
    is(TaskState.TASK_STATE_WORKING);
    await this.#work;
    is(this.told ? TaskState.TASK_STATE_CANCELED : TaskState.TASK_STATE_COMPLETED);
  }

  async cancelTask() {
    this.told = true;
    this.workIsDone();
  }
}

async function run(sameServer) {
  const store = new InMemoryTaskStore();
  const agent = new Agent();
  const server = new DefaultRequestHandler(card, store, agent);
  const canceller = sameServer ? server : new DefaultRequestHandler(card, store, new Agent());
  const watched = [];
  let answer;
  for await (const { payload } of server.sendMessageStream({ message, metadata: {} }, context)) {
    watched.push(name(payload.value.status.state));
    if (watched.at(-1) === 'WORKING') {
      answer = await canceller.cancelTask({ id: payload.value.taskId }, context);
      agent.workIsDone();
    }
  }

  const stored = await canceller.getTask({ id: answer.id }, context);
  const [answered, kept] = [answer, stored].map(task => name(task.status.state));
  return `answer ${answered}, agent told: ${agent.told}, stream ends ${watched.at(-1)}, store ${kept}`;
}

const same = await run(true);
const other = await run(false);
console.log(`cancelled at its server: ${same}`);
console.log(`cancelled at another:    ${other}`);
const asSeen = same === 'answer CANCELED, agent told: true, stream ends CANCELED, store CANCELED'
  && other === 'answer CANCELED, agent told: false, stream ends COMPLETED, store CANCELED';
process.exit(asSeen ? 0 : 1);
JS
timeout 90 node try.mjs
