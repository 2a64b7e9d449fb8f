import { DefaultChatTransport, readUIMessageStream } from 'ai';

const transport = new DefaultChatTransport({ api: 'http://localhost:8000/api/chat' });
const question = { id: crypto.randomUUID(), role: 'user', parts: [{ type: 'text', text: 'What is 17.5% of 2,340?' }] };
const stream = await transport.sendMessages({ chatId: crypto.randomUUID(), messages: [question], trigger: 'submit-message' });
let answer;
for await (const message of readUIMessageStream({ stream })) answer = message;  // grows with each chunk
console.log(answer.parts.filter((part) => part.type === 'text').map((part) => part.text).join(''));
