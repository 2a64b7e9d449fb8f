import { serverNow } from '../browser/server-clock.js';
import { isOver } from '../../client/state/run-state.js';
import { agentSign } from '../view/elements/agent-sign.js';
import { disc, setDisc } from '../view/elements/disc.js';
import { make, setText } from '../view/elements/dom.js';
import { icon } from '../view/elements/icon.js';
import { duration, grouped } from '../words/format.js';
import { money } from '../words/money.js';
import { doingNow, Pace, tokensOf, written } from './run-now.js';

/** @import { ListedRun } from './board.js' */
/** @import { Run } from '../../client/types.js' */

const STATES = { running: 'working', waiting: 'asks you', queued: 'queued', completed: 'done', failed: 'failed', cancelled: 'stopped' };
const FIGURES = [['time', 'Time'], ['pace', 'Pace'], ['tokens', 'Tokens'], ['cost', 'Cost'], ['worker', 'Worker']];

/** One run: whose it is, what it does now, for how long, how fast, and what it has cost. */
export class RunLine {
  #listed;
  #stop;
  #announce;
  #mayStop;
  #pace = new Pace();
  #dirty = true;
  #second = 0;
  #status = '';
  #problem = '';
  #stopping = false;
  #over = false;
  #ended = false;
  #sign = make('span', { class: 'line-state' }, make('span', { class: 'line-state-sign', 'aria-hidden': 'true' }));
  #stateWords = make('span');
  #link;
  #agent = make('span', { class: 'line-agent' });
  #disc = disc('thought');
  #doing = make('span', { class: 'line-doing-words' });
  #doingLine = make('p', { class: 'line-doing' }, this.#disc, this.#doing);
  #figures = {};
  #button;

  /** @param {ListedRun} listed @param {{ mayStop: boolean, stop: () => Promise<string>, announce: (words: string) => void }} tools */
  constructor(listed, { mayStop, stop, announce }) {
    this.#listed = listed;
    this.#stop = stop;
    this.#announce = announce;
    this.#mayStop = mayStop;
    this.#link = make('a', { class: 'line-title', href: new URL(`chat/${listed.session_id}`, document.baseURI).href });
    this.#button = make('button', { type: 'button', class: 'icon-button line-stop', 'data-testid': 'live-stop', hidden: !mayStop },
      icon('stop'));
    this.#button.addEventListener('click', () => this.stop());
    this.#sign.append(this.#stateWords);
    const figures = FIGURES.map(([name, label]) => {
      this.#figures[name] = make('dd', {});
      return make('div', { class: `line-${name}`, hidden: true }, make('dt', {}, label), this.#figures[name]);
    });
    this.element = make('li', { class: 'line', 'data-testid': 'live-run', 'data-run-id': listed.run_id },
      agentSign(listed.agent_name),
      make('div', { class: 'line-main' },
        make('p', { class: 'line-head' }, this.#link, this.#agent, this.#sign), this.#doingLine),
      make('dl', { class: 'line-figures' }, ...figures),
      this.#button);
  }

  get runId() {
    return this.#listed.run_id;
  }

  get sessionId() {
    return this.#listed.session_id;
  }

  get title() {
    return this.#listed.title || 'New chat';
  }

  get endWords() {
    return STATES[this.#status] ?? 'over';
  }

  /** Whether it has ended, by its log or by the list. */
  get isOver() {
    return this.#ended;
  }

  /** Whether its log says more than the list. */
  get isLive() {
    return this.#listed.status !== 'queued';
  }

  get isRunning() {
    return this.#listed.status === 'running';
  }

  /** @param {ListedRun} listed @param {Run | undefined} run as its log has it, where that is followed */
  update(listed, run) {
    this.#listed = listed;
    setText(this.#link, this.title);
    this.#link.title = this.title;
    setText(this.#agent, listed.agent_name);
    this.#button.setAttribute('aria-label', `Stop “${this.title}”`);
    this.#button.title = 'Stop (X)';
    this.#dirty = true;
    this.tick(run);
  }

  /** Something of it has changed. */
  changed() {
    this.#dirty = true;
  }

  /** It is in the list no more. @param {Run | undefined} run */
  end(run) {
    this.#over = true;
    this.#dirty = true;
    this.element.dataset.over = '';
    this.tick(run);
  }

  async stop() {
    if (this.#stopping || this.#over || !this.#mayStop) {
      return;
    }

    this.#stopping = true;
    this.#button.disabled = true;
    this.#dirty = true;
    this.#problem = await this.#stop();
    if (this.#problem) {
      this.#stopping = false;
      this.#button.disabled = false;
      this.#announce(this.#problem);
    }

    this.#dirty = true;
  }

  /** @param {Run | undefined} run */
  tick(run) {
    const now = serverNow() / 1000;
    const second = Math.floor(now);
    if (!this.#dirty && second === this.#second) {
      return;
    }

    const isNewSecond = second !== this.#second;
    this.#second = second;
    this.#dirty = false;
    this.#showState(run);
    this.#showDoing(run);
    this.#showFigures(run, now, isNewSecond);
  }

  #showState(run) {
    // The list says it late, the log at once.
    const ended = run && isOver(run) ? run.status : this.#over ? 'over' : '';
    this.#ended = ended !== '';
    this.#status = ended || (run && this.#listed.status === 'running' ? run.status : this.#listed.status);
    const isStopping = this.#stopping || this.#listed.cancel_requested || run?.cancelRequested;
    this.element.dataset.status = this.#status;
    this.#button.hidden ||= this.#ended;
    setText(this.#stateWords, this.#ended ? this.endWords : isStopping ? 'stopping' : STATES[this.#status] ?? '');
  }

  #showDoing(run) {
    const now = this.#status === 'running' ? doingNow(run) : null;
    const words = this.#problem || (now ? now.words
      : run?.error ?? {
        running: 'Works', waiting: `Asks for ${(this.#listed.approvals ?? []).map((one) => one.tool_name).join(', ') || 'your word'}`,
        queued: 'Waits for its turn', completed: 'Has answered', cancelled: 'Was stopped', over: 'Is over',
      }[this.#status] ?? '');
    setDisc(this.#disc, now?.kind ?? { completed: 'final_answer', failed: 'error' }[this.#status] ?? 'cut');
    setText(this.#doing, now?.agentName ? `${now.agentName}: ${words}` : words);
  }

  #showFigures(run, now, isNewSecond) {
    const began = run?.startedAt ?? this.#listed.since;
    const ended = run?.finishedAt ?? (this.#over ? this.#second : now);
    this.#figure('time', began ? clock(Math.max(0, ended - began)) : '');
    if (run && this.#status === 'running') {
      if (isNewSecond) {
        const pace = this.#pace.sample(now, written(run));
        this.#figure('pace', pace >= 0.5 ? `${grouped(Math.round(pace))} tok/s` : '');
      }
    } else {
      this.#figure('pace', '');
    }

    if (run) {
      const tokens = tokensOf(run);
      this.#figure('tokens', tokens > 0 ? `${grouped(tokens)} tok` : '');
      this.#figure('cost', money(run.usage?.cost));
    }

    const { worker = '', attempt = 1 } = this.#listed;
    this.#figure('worker', `${worker}${attempt > 1 ? `${worker ? ' · ' : ''}attempt ${attempt}` : ''}`);
    this.#figures.worker.title = worker;
    this.#figures.worker.parentElement.toggleAttribute('data-again', attempt > 1);
  }

  #figure(name, words) {
    this.#figures[name].parentElement.hidden = words === '';
    setText(this.#figures[name], words);
  }
}

function clock(seconds) {
  return seconds < 60 ? `${Math.floor(seconds)} s` : seconds < 3600 ? duration(Math.floor(seconds) * 1000)
    : `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}
