import { languageOf, renderBlocks } from '../../wwwroot/js/chat/markdown/blocks.js';
import { Splitter } from '../../wwwroot/js/chat/markdown/splitter.js';

/** What a page would show, piece by piece: complete blocks, and the open one read tolerantly. */
export class Shown {
  done = [];
  open = [];
  code = null;

  constructor() {
    this.splitter = new Splitter({
      block: (source) => this.done.push(...renderBlocks(source)),
      codeOpened: (info) => {
        this.code = { t: 'pre', a: { lang: languageOf(info), text: '' } };
        this.done.push(this.code);
      },
      code: (text) => { this.code.a.text += text; },
      codeClosed: () => { this.code = null; },
    });
  }

  push(text) {
    this.splitter.push(text);
    this.open = renderBlocks(this.splitter.tail, true);
    return this;
  }

  end() {
    this.splitter.end();
    this.open = [];
    return this;
  }

  get nodes() {
    return [...this.done, ...this.open];
  }
}

export const whole = (text) => new Shown().push(text).end().nodes;
export const textOf = (nodes) => nodes.map((node) => (typeof node === 'string'
  ? node
  : `${node.t === 'image' ? 'Image: ' : ''}${node.a?.text ?? ''}${textOf(node.c ?? [])}`)).join('');
export const visible = (nodes) => textOf(nodes).replace(/\s+/g, '');
