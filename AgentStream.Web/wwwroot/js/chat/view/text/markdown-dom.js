import { honestHost, safeAddress } from '../../markdown/inlines/address.js';
import { KINDS, plainText } from '../../markdown/tree.js';
import { make } from '../elements/dom.js';
import { CodeBlock } from './code-block.js';

/** @import { Node } from '../../markdown/tree.js' */

/**
 * What an element was made of, and where its children are.
 * @typedef {WeakMap<ChildNode, { key: string, inner?: Element, code?: CodeBlock }>} Made
 */

/**
 * A block of Markdown on the page.
 * It knows what its elements were made of; once nobody has anything to say of the block any more, that is forgotten with it,
 * and the elements are all that is left.
 */
export class MarkdownBlock {
  #made = new WeakMap();

  /** @param {string} className */
  constructor(className) {
    this.element = make('div', { class: className });
  }

  /**
   * Brings the block to what a tree says, touching only what differs: text that goes on is appended to, and what is the same stays,
   * with the reader's selection in it.
   * Elements are made here and nowhere else, of allowed kinds, with attributes that are written one by one.
   * @param {Node[]} nodes
   */
  show(nodes) {
    patch(this.element, nodes, this.#made);
  }
}

/** @param {Element} parent @param {Node[]} nodes @param {Made} made */
function patch(parent, nodes, made) {
  let child = parent.firstChild;
  for (const node of nodes) {
    if (child && isSame(child, node, made)) {
      update(child, node, made);
      child = child.nextSibling;
    } else {
      const created = create(node, made);
      if (child) {
        child.replaceWith(created);
        child = created.nextSibling;
      } else {
        parent.append(created);
      }
    }
  }

  while (child) {
    const next = child.nextSibling;
    child.remove();
    child = next;
  }
}

function isSame(child, node, made) {
  return typeof node === 'string' ? child.nodeType === 3 : made.get(child)?.key === keyOf(node);
}

// Two nodes of one key differ in their children only. An address is the same however it is spelled.
function keyOf(node) {
  const { text, ...attributes } = node.a ?? {};
  if (attributes.href !== undefined) {
    attributes.href = safeAddress(attributes.href);
  }

  return `${node.t} ${JSON.stringify(attributes)}`;
}

function update(child, node, made) {
  if (typeof node === 'string') {
    const text = /** @type {Text} */ (child);
    if (text.data !== node) {
      if (node.startsWith(text.data)) {
        text.appendData(node.slice(text.length));
      } else {
        text.data = node;
      }
    }

    return;
  }

  const { code, inner } = made.get(child);
  if (code) {
    const text = node.a?.text ?? '';
    if (text !== code.text) {
      if (text.startsWith(code.text)) {
        code.append(text.slice(code.text.length));
      } else {
        child.replaceWith(create(node, made));
      }
    }
  } else if (inner) {
    patch(inner, node.c ?? [], made);
    addHonesty(child, node);
  }
}

function create(node, made) {
  if (typeof node === 'string') {
    return document.createTextNode(node);
  }

  if (!KINDS.has(node.t)) {
    return document.createTextNode(plainText(node.c ?? []));
  }

  const { element, inner = element, code } = elementOf(node);
  made.set(element, { key: keyOf(node), inner: inner ?? undefined, code });
  if (inner && !code) {
    patch(inner, node.c ?? [], made);
    addHonesty(element, node);
  }

  return element;
}

function elementOf(node) {
  const attributes = node.a ?? {};
  switch (node.t) {
    case 'pre': {
      const code = new CodeBlock(typeof attributes.lang === 'string' ? attributes.lang : '');
      code.append(String(attributes.text ?? ''));
      return { element: code.element, code };
    }

    case 'h1': case 'h2': case 'h3': case 'h4': case 'h5': case 'h6': {
      // Below the headings of the page itself.
      const level = Number(node.t[1]);
      return { element: make(`h${Math.min(level + 3, 6)}`, { class: `md-h${level}` }) };
    }

    case 'a': return { element: link(attributes.href) };
    case 'image': {
      const inner = link(attributes.href, 'span');
      return { element: make('span', { class: 'md-image', title: 'Images of other hosts are not loaded' }, 'Image: ', inner), inner };
    }

    // Their marks and bars stand where their text begins; the lines in them look for themselves (`unicode-bidi` in the style sheet).
    case 'ol': return {
      element: make('ol', { dir: 'auto', ...(Number.isSafeInteger(attributes.start) ? { start: String(attributes.start) } : {}) }),
    };
    case 'ul': case 'blockquote': return { element: make(node.t, { dir: 'auto' }) };
    case 'check': {
      const box = make('input',
        { type: 'checkbox', disabled: true, class: 'md-check', 'aria-label': attributes.checked ? 'Done' : 'To do' });
      box.checked = attributes.checked === true;
      return { element: box, inner: null };
    }

    case 'li': return {
      element: make('li', node.c?.some((child) => child.t === 'check' || child.c?.[0]?.t === 'check') ? { class: 'md-task' } : {}),
    };
    case 'table': {
      const inner = make('table');
      return { element: make('div', { class: 'md-table', tabindex: '0', role: 'group', 'aria-label': 'Table' }, inner), inner };
    }

    case 'th': return { element: make('th', { scope: 'col', ...alignment(attributes.align) }) };
    case 'td': return { element: make('td', alignment(attributes.align)) };
    case 'hr': case 'br': return { element: make(node.t), inner: null };
    default: return { element: make(node.t) };
  }
}

function alignment(align) {
  return ['center', 'right'].includes(align) ? { class: `md-${align}` } : {};
}

// Checked here again, whoever made the tree.
function link(href, otherwise = 'a') {
  const address = safeAddress(href);
  return address
    ? make('a', { href: address, rel: 'noopener noreferrer', target: '_blank', title: address })
    : make(otherwise);
}

// Text that names one host must not lead to another in silence.
function addHonesty(element, node) {
  if (node.t === 'a') {
    const address = safeAddress(node.a?.href);
    const host = address && honestHost(plainText(node.c ?? []), address);
    if (host) {
      element.append(make('span', { class: 'md-host' }, ` (leads to ${host})`));
    }
  }
}
