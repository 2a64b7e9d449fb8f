import { ClientFactory } from '@a2a-js/sdk/client';

const client = await new ClientFactory().createFromUrl('http://localhost:8000/a2a/researcher/');
const parts = [{ content: { $case: 'text', value: 'What is 17.5% of 2,340?' }, filename: '', mediaType: '' }];
const message = { messageId: crypto.randomUUID(), role: 1, parts, contextId: '', taskId: '' };
let task;
for await (const { payload } of client.sendMessageStream({ tenant: '', message })) {
  if (payload.$case === 'task') task = payload.value;  // after a lost connection: client.resubscribeTask({ tenant: '', id: task.id })
  if (payload.$case === 'artifactUpdate') process.stdout.write(payload.value.artifact.parts[0].content.value);
}
