import { make, setText } from '../elements/dom.js';

/** Which tools of the chosen agent can't be had, and why. Whoever opens it sees how that is now. */
export class MissingTools {
  #element;
  #summary = make('summary');
  #list = make('ul');

  /** @param {HTMLDetailsElement} element @param {() => void} refresh asks the server anew, after which `show` is called */
  constructor(element, refresh) {
    this.#element = element;
    element.append(this.#summary, this.#list);
    element.addEventListener('toggle', () => element.open && refresh());
  }

  /** @param {{ name: string, reason: string }[]} tools */
  show(tools) {
    this.#element.hidden = tools.length === 0;
    setText(this.#summary, tools.length === 1 ? 'One tool is missing' : `${tools.length} tools are missing`);
    this.#list.replaceChildren(...tools.map(({ name, reason }) => make('li', {}, make('code', {}, name), ` ${reason}`)));
  }
}
