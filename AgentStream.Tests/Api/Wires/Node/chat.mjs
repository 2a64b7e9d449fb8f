// The stock chat of the AI SDK, with the state that its packages for frameworks bring.

class State {
  status = 'ready';
  error = undefined;
  messages = [];
  pushMessage = (message) => { this.messages = [...this.messages, message]; };
  popMessage = () => { this.messages = this.messages.slice(0, -1); };
  replaceMessage = (index, message) => { this.messages = this.messages.with(index, structuredClone(message)); };
  snapshot = (value) => structuredClone(value);
}

/** The chat of a version of the SDK. */
export const Chat = ({ AbstractChat }) => class extends AbstractChat {
  constructor(init) {
    const state = new State();
    super({ ...init, state });
    this.all = state;
  }
};

/** Waits until nothing is under way, also of what the chat sends by itself. */
export async function settled(chat) {
  for (let quiet = 0; quiet < 4; quiet++) {
    while (chat.status === 'submitted' || chat.status === 'streaming') {
      quiet = 0;
      await new Promise((resolve) => { setTimeout(resolve, 5); });
    }

    await new Promise((resolve) => { setTimeout(resolve, 5); });
  }
}
