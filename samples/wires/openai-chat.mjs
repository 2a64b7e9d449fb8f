import OpenAI from 'openai';

const client = new OpenAI({ apiKey: 'none', baseURL: 'http://localhost:8000/v1' });
const stream = await client.chat.completions.create(
  { model: 'researcher', stream: true, messages: [{ role: 'user', content: 'What is 17.5% of 2,340?' }] },
  { headers: { 'Idempotency-Key': crypto.randomUUID() } });
for await (const { choices: [choice] } of stream) {
  process.stdout.write(choice.delta.reasoning_content ?? choice.delta.content ?? '');
}
