import { loadStyle } from '../../browser/style.js';
import { isOver } from '../../../client/state/run-state.js';
import { figuresOf, headlineOf, liveFiguresOf } from '../../timeline/figures.js';
import { copyButton, copyIconButton, iconButton } from '../elements/copy.js';
import { make, setText } from '../elements/dom.js';

/** @import { Run } from '../../../client/types.js' */
/** @import { RunTools } from './run.js' */

// Fetched when somebody wants to see them: the first load is for reading and writing.
const PANELS = {
  waterfall: () => import('./waterfall.js'),
  replay: () => import('./replay-player.js'),
};
const STYLES = { waterfall: 'css/chat/conversation/waterfall.css', replay: 'css/chat/conversation/replay.css' };

/** Below a run: what it cost, what can be done with it, and on request all its figures and how its time went. */
export class RunFoot {
  #tools;
  #run = null;
  #line = make('p', { class: 'run-line', 'data-testid': 'run-line' });
  #figures = make('p', { class: 'run-figures', 'data-testid': 'run-figures' });
  #buttons = make('div', { class: 'run-actions', hidden: true });
  #panel = make('div', { class: 'run-panel', hidden: true });
  #details;
  #replay;
  #trace = make('span', { class: 'run-trace', 'data-testid': 'trace-id' });
  #waterfall = null;
  #player = null;
  #copy;
  #again;
  #info;
  #all;
  /** It is in the conversation no more: there is nothing to regenerate. */
  past = false;

  /** @param {RunTools} tools @param {{ answer: () => string, regenerate: () => void }} of */
  constructor(tools, { answer, regenerate }) {
    this.#tools = tools;
    this.#copy = copyIconButton('Copy answer', answer, { 'data-testid': 'copy-answer' });
    this.#again = iconButton('Regenerate', 'redo', regenerate, { 'data-testid': 'regenerate' });
    this.#info = iconButton('Figures', 'info', () => this.#showInfo(!this.#isInfo),
      { 'aria-expanded': 'false', 'data-testid': 'show-figures' });
    this.#details = iconButton('Timeline', 'chart', () => this.#toggle('waterfall'),
      { 'aria-expanded': 'false', 'data-testid': 'show-waterfall' });
    this.#replay = iconButton('Replay', 'play', () => this.#toggle('replay'), { 'aria-expanded': 'false', 'data-testid': 'show-replay' });
    this.#buttons.append(this.#copy, this.#again, this.#details, this.#replay, this.#info);
    this.#all = make('div', { class: 'run-all', hidden: true }, this.#figures, this.#trace);
    this.element = make('div', { class: 'run-foot' },
      make('div', { class: 'run-foot-row' }, this.#buttons, this.#line), this.#all, this.#panel);
  }

  /** @param {Run} run */
  update(run) {
    this.#run = run;
    const over = isOver(run);
    this.#buttons.hidden = run.status === 'queued';
    this.element.hidden = run.status === 'queued' || run.steeredRunId !== undefined;
    this.#copy.hidden = !over || answerLength(run) === 0;
    this.#again.hidden = !over || run.message === undefined || this.past || this.#tools.readOnly;
    this.#replay.hidden = !over || run.steps.size === 0;
    this.#showTrace(run);
    this.progress(run, true);
  }

  /** What changes while it runs. @param {Run} run @param {boolean} [all] the picture, too */
  progress(run, all = false) {
    setText(this.#line, headlineOf(run, this.#tools.now(), () => this.progress(this.#run)).join(' · '));
    if (this.#isInfo) {
      setText(this.#figures, (isOver(run) ? figuresOf(run) : liveFiguresOf(run, this.#tools.now())).join(' · '));
    }

    if (all && this.#waterfall && !this.#panel.hidden) {
      this.#waterfall.update(run, this.#tools.now());
    }
  }

  get #isInfo() {
    return !this.#all.hidden;
  }

  #showInfo(shown) {
    this.#all.hidden = !shown;
    this.#info.setAttribute('aria-expanded', String(shown));
    this.progress(this.#run);
  }

  dispose() {
    this.#player?.stop();
  }

  async #toggle(what) {
    const shown = this.#panel.dataset.shown === what && !this.#panel.hidden ? '' : what;
    this.#player?.stop();
    this.#player = null;
    this.#waterfall = null;
    this.#panel.dataset.shown = shown;
    this.#panel.hidden = shown === '';
    this.#details.setAttribute('aria-expanded', String(shown === 'waterfall'));
    this.#replay.setAttribute('aria-expanded', String(shown === 'replay'));
    this.#panel.replaceChildren();
    if (shown !== '') {
      const element = await this.#panelOf(shown);
      // Meanwhile the reader may have changed their mind.
      if (element && this.#panel.dataset.shown === shown) {
        this.#panel.replaceChildren(element);
        this.#player?.start();
        this.#waterfall?.update(this.#run, this.#tools.now());
      }
    }

    // What was asked for is not to open below the message box.
    this.#panel.scrollIntoView({ block: 'nearest' });
  }

  /** @returns {Promise<Node | null>} null where it is not wanted any more */
  async #panelOf(shown) {
    let loaded;
    try {
      [loaded] = await Promise.all([PANELS[shown](), loadStyle(STYLES[shown])]);
    } catch (error) {
      console.warn(error);
      return make('p', { class: 'replay-note' }, 'This part of the page could not be loaded. Please try again when there is a connection.');
    }

    if (this.#panel.dataset.shown !== shown) {
      return null;
    }

    if (shown === 'waterfall') {
      this.#waterfall = new loaded.Waterfall();
      return this.#waterfall.element;
    }

    this.#player = new loaded.ReplayPlayer(this.#run, this.#tools);
    return this.#player.element;
  }

  #showTrace({ traceId }) {
    if (!traceId || this.#trace.dataset.id === traceId) {
      return;
    }

    this.#trace.dataset.id = traceId;
    const short = `${traceId.slice(0, 8)}…`;
    this.#trace.replaceChildren(this.#tools.traceUrl
      ? make('a', {
        href: this.#tools.traceUrl.replace('{trace_id}', encodeURIComponent(traceId)),
        rel: 'noopener noreferrer',
        target: '_blank',
        title: traceId,
      }, `Trace ${short}`)
      : copyButton(`Trace ${short}`, () => traceId,
        { title: `Copy the trace id ${traceId}`, 'aria-label': `Trace ${short}: copy the id ${traceId}` }));
  }
}

function answerLength(run) {
  return [...run.steps.values()].some((step) => step.type === 'final_answer' || step.type === 'answer') ? 1 : 0;
}
