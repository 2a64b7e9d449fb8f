import OpenAI from 'openai';

const client = new OpenAI({ apiKey: 'none', baseURL: 'http://localhost:8000/v1' });
let last, stream = await client.responses.create(
  { model: 'researcher', input: 'What is 17.5% of 2,340?', background: true, stream: true });
for await (const event of stream) {
  last = { id: event.response?.id ?? last.id, number: event.sequence_number };
  if (event.type === 'response.output_text.delta') process.stdout.write(event.delta);
}
stream = await client.responses.retrieve(last.id, { stream: true, starting_after: last.number });  // after a lost connection
