// The stock chat of the AI SDK over its stock socket: several runs, each cut after every chunk of some and resumed.
import * as kit from 'ai';
import WebSocket from 'ws';
import { Chat, settled } from './chat.mjs';
import { say } from './cut.mjs';

const { address, runs, cutsUpTo } = JSON.parse(process.argv[2]);
const { WebSocketChatTransport, lastAssistantMessageIsCompleteWithApprovalResponses } = kit;
const isCut = (error) => error.startsWith('WebSocket chat network');

async function talk({ name, turns }, cutAfter) {
  let cut;
  // One that is lost after so many frames.
  class Socket extends WebSocket {
    set onmessage(take) {
      this.addEventListener('message', (event) => {
        if (cut === 0) {
          cut = undefined;
          this.terminate();
        } else if (this.readyState === WebSocket.OPEN) {
          cut = cut === undefined ? undefined : cut - 1;
          take(event);
        }
      });
    }
  }

  const errors = [];
  const id = `socket-${name.replaceAll(' ', '-')}-${cutAfter}`;
  const transport = new WebSocketChatTransport({ url: `${address}/ws/ui-messages`, webSocket: Socket });
  const chat = new (Chat(kit))({
    id,
    transport,
    sendAutomaticallyWhen: lastAssistantMessageIsCompleteWithApprovalResponses,
    onError: (error) => errors.push(error.message),
  });
  for (const turn of turns) {
    cut = cutAfter;
    if (turn.say !== undefined) {
      await chat.sendMessage({ id: `${id}-m`, role: 'user', parts: [{ type: 'text', text: turn.say }] });
    } else {
      const part = chat.lastMessage.parts.find((one) => one.state === 'approval-requested');
      await chat.addToolApprovalResponse({ id: part.approval.id, approved: turn.approved });
    }

    await settled(chat);
    if (errors.some(isCut)) {
      errors.length = 0;
      cut = undefined;
      await chat.resumeStream();
      await settled(chat);
    }
  }

  const idle = await transport.reconnectToStream({ chatId: `${id}-nobody` });
  transport.close();
  return {
    name, cutAfter, status: chat.status, errors, idle,
    messages: chat.messages.map(({ role, parts }) => ({ role, parts })),
  };
}

for (const run of runs) {
  for (let cutAfter = 0; cutAfter <= cutsUpTo; cutAfter++) {
    say(await talk(run, cutAfter === 0 ? undefined : cutAfter));
  }
}
