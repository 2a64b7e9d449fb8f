import { Client } from '@langchain/langgraph-sdk';

const client = new Client({ apiUrl: 'http://localhost:8000' });
const input = { messages: [{ type: 'human', content: 'What is 17.5% of 2,340?' }] };
const { thread_id: thread } = await client.threads.create();
for await (const { event, data } of client.runs.stream(thread, 'assistant', { input, streamMode: 'messages-tuple' })) {
  if (event === 'messages' && data[0].type === 'AIMessageChunk') process.stdout.write(data[0].content);
}
