// The stock chat of the AI SDK with its stock transport. What it is to do comes as JSON; what it has in the end goes out as JSON.
import { Chat, settled } from './chat.mjs';
import { cutting, say } from './cut.mjs';

const { address, version, turns, cutsUpTo, comesBack } = JSON.parse(process.argv[2]);
const kit = await import(version === 6 ? 'ai6' : 'ai');
const { DefaultChatTransport, lastAssistantMessageIsCompleteWithApprovalResponses } = kit;

async function talk(id, cutAfter) {
  let cut = cutAfter;
  const errors = [];
  const unknown = [];
  const ends = [];
  const chat = new (Chat(kit))({
    id,
    transport: new DefaultChatTransport({
      api: `${address}/api/chat`,
      fetch: (url, init) => cutting(init?.method === 'POST' ? cut : undefined)(url, init),
    }),
    sendAutomaticallyWhen: lastAssistantMessageIsCompleteWithApprovalResponses,
    onError: (error) => errors.push(error.message),
    onFinish: ({ finishReason, isAbort, isDisconnect, isError }) => ends.push({ finishReason, isAbort, isDisconnect, isError }),
  });
  for (const turn of turns) {
    cut = cutAfter;
    if (turn.say !== undefined) {
      await chat.sendMessage({ id: `${id}-${turn.id}`, role: 'user', parts: [{ type: 'text', text: turn.say }] });
    } else {
      const part = chat.lastMessage.parts.find((one) => one.state === 'approval-requested');
      await chat.addToolApprovalResponse({ id: part.approval.id, approved: turn.approved, reason: turn.reason });
      await settled(chat);
    }

    await settled(chat);
    // ai 6 has no chunk that takes back: its chat ends there, and comes back as after a cut.
    unknown.push(...errors.filter((error) => error.includes('reset-step')));
    if ((cutAfter !== undefined && errors.includes('network error')) || unknown.length > 0) {
      errors.length = 0;
      cut = undefined;
      await chat.resumeStream();
      await settled(chat);
    }

    // The server is gone: it is asked again until it is back.
    while (comesBack && errors.length > 0) {
      errors.length = 0;
      await new Promise((resolve) => { setTimeout(resolve, 100); });
      await chat.resumeStream();
      await settled(chat);
    }
  }

  return {
    status: chat.status, errors, unknown: unknown.length, end: ends.at(-1),
    messages: chat.messages.map(({ role, parts, metadata }) => ({ role, parts, usage: metadata?.usage })),
  };
}

say({ whole: await talk('whole') });
const idle = await fetch(`${address}/api/chat/nobody-was-here/stream`);
say({ idle: idle.status });
for (let cutAfter = 1; cutAfter <= (cutsUpTo ?? 0); cutAfter++) {
  say({ cutAfter, ...await talk(`cut-${cutAfter}`, cutAfter) });
}
