/** What can be asked at once on a page on which nothing was asked yet. */
export class QuickPrompts {
  /** @param {HTMLElement} list @param {(message: string) => void} send */
  constructor(list, send) {
    list.addEventListener('click', (event) => {
      const prompt = event.target.closest('button');
      if (prompt) {
        send(prompt.textContent.trim());
      }
    });
  }
}
