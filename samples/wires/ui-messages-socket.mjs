import { WebSocketChatTransport, readUIMessageStream } from 'ai';
import WebSocket from 'ws';  // browsers, and Node.js from 22 on, have their own

const transport = new WebSocketChatTransport({ url: 'http://localhost:8000/ws/ui-messages', webSocket: WebSocket });
const question = { id: crypto.randomUUID(), role: 'user', parts: [{ type: 'text', text: 'What is 17.5% of 2,340?' }] };
const stream = await transport.sendMessages({ chatId: crypto.randomUUID(), messages: [question], trigger: 'submit-message' });
let answer;
for await (const message of readUIMessageStream({ stream })) answer = message;
console.log(answer.parts.filter((part) => part.type === 'text').map((part) => part.text).join(''));
transport.close();
