/** The kinds of steps: sign and word, so that colour is never alone in saying it. */

const KINDS = {
  thought: { icon: '💭', word: 'Thought', openWord: 'Thinking' },
  answer: { icon: '✅', word: 'Answer', openWord: 'Answering' },
  final_answer: { icon: '✅', word: 'Answer', openWord: 'Answering' },
  // An answer that is not whole: no tick for it.
  cut: { icon: '–', word: 'Answer', openWord: 'Answering' },
  tool_use: { icon: '🔧', word: 'Tool use', openWord: 'Choosing a tool' },
  tool_result: { icon: '📊', word: 'Tool result', openWord: 'Tool is working' },
  error: { icon: '❌', word: 'Error', openWord: 'Error' },
  said: { icon: '🗨', word: 'You said', openWord: 'You said' },
};

/** @param {string} type @returns {{ icon: string, word: string, openWord: string }} */
export function kindOf(type) {
  return Object.hasOwn(KINDS, type) ? KINDS[type] : { icon: '•', word: type, openWord: type };
}

/** @param {string} type @returns {string} what comes after `step-` in the class that has its colours and its sign */
export function kindClass(type) {
  return type === 'answer' ? 'final_answer' : Object.hasOwn(KINDS, type) ? type : 'other';
}
