import { HttpAgent } from '@ag-ui/client';

const agent = new HttpAgent({ url: 'http://localhost:8000/ag-ui/assistant', threadId: crypto.randomUUID() });
agent.addMessage({ id: crypto.randomUUID(), role: 'user', content: 'What is 17.5% of 2,340?' });
const runId = crypto.randomUUID();
const run = () => agent.runAgent({ runId }, { onTextMessageContentEvent: ({ event }) => process.stdout.write(event.delta) });
await run().catch(run);  // cut off: the same runId again goes on where it was
console.log(agent.messages.at(-1).content);
