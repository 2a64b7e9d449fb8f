import { make, setText } from '../view/elements/dom.js';
import { money } from '../words/money.js';
import { grouped } from '../words/format.js';
import { AskRow } from './ask-row.js';
import { LiveSessions } from './live-sessions.js';
import { RunLine } from './run-line.js';
import { summary } from './run-now.js';

/** @import { ListedRun } from './board.js' */

const TICK_MS = 250;
// For so long one sees what became of a run that is over.
const OVER_MS = 6_000;
const STATE_WORDS = { connecting: 'Connecting', live: 'Live', away: 'Not reached just now: what you see may be old' };

/** All that runs, waits or queues in one's sessions: what asks first, then a line for each run. */
export class RunsPage {
  #board;
  #live;
  #parts = {};
  #may;
  /** @type {Map<string, RunLine>} by run */
  #lines = new Map();
  /** @type {Map<string, AskRow>} by call */
  #asks = new Map();
  /** @type {Map<string, number>} run to when it is to go */
  #over = new Map();
  #inSight = new Set();
  #watcher;
  #isFirst = true;

  /** @param {{ root: HTMLElement, api: import('../sessions/api.js').Api, board: import('./board.js').Board }} of */
  constructor({ root, api, board }) {
    this.#board = board;
    const scopes = new Set(root.dataset.scopes.split(' '));
    this.#may = { stop: scopes.has('chat'), answer: scopes.has('approve') };
    for (const id of [
      'state', 'state-words', 'sum', 'today', 'asks-part', 'asks-title', 'asks', 'lines-part', 'lines-title', 'lines', 'more', 'empty',
      'announcements',
    ]) {
      this.#parts[id] = document.getElementById(id);
    }

    this.#live = new LiveSessions({
      api,
      onChange: (sessionId) => this.#linesOf(sessionId).forEach((line) => line.changed()),
      onFrame: (session, frame) => this.#heard(frame),
    });
    this.#watcher = new IntersectionObserver((entries) => this.#seen(entries));
    this.#parts.lines.addEventListener('keydown', (event) => this.#key(event));
    document.addEventListener('keydown', (event) => this.#goFromRunToRun(event));
  }

  start() {
    this.#board.listen(() => this.#show());
    setInterval(() => this.#tick(), TICK_MS);
  }

  #show() {
    const { runs, today, state } = this.#board;
    this.#parts.state.dataset.state = state;
    setText(this.#parts['state-words'], STATE_WORDS[state]);
    if (state === 'away' && this.#isFirst) {
      return;
    }

    this.#showAsks(runs);
    this.#showLines(runs);
    this.#follow();
    this.#showSum();
    this.#showToday(today);
    this.#parts.more.hidden = !this.#board.hasMore;
    const asking = runs.filter(({ status }) => status === 'waiting').length;
    document.title = `${asking > 0 ? `(${asking}) ` : ''}Runs · AgentStream`;
    this.#isFirst = false;
  }

  // What is over by its own log is under way no more, though the list says so for some seconds.
  #showSum() {
    const lines = [...this.#lines.values()];
    setText(this.#parts.sum, summary(this.#board.runs.filter((run) => !this.#lines.get(run.run_id)?.isOver)));
    setText(this.#parts['lines-title'], lines.length > 0 && lines.every((line) => line.isOver) ? 'Just finished' : 'Under way');
  }

  #showToday(today) {
    const cost = money(today?.cost);
    const words = today?.tokens > 0 ? `${cost ? `${cost} · ` : ''}${grouped(today.tokens)} tokens` : '';
    this.#parts.today.hidden = words === '';
    setText(this.#parts.today, `Done today: ${words}`);
  }

  /** @param {ListedRun[]} runs */
  #showAsks(runs) {
    const wanted = new Map(runs.flatMap((run) => (run.approvals ?? []).map((approval) => [approval.tool_call_id, { run, approval }])));
    for (const [id, row] of this.#asks) {
      if (!wanted.has(id)) {
        this.#asks.delete(id);
        this.#takeAway(row.element, this.#asks.size > 0 ? this.#parts['asks-title'] : this.#parts['lines-title']);
      }
    }

    for (const [id, { run, approval }] of wanted) {
      if (!this.#asks.has(id)) {
        const row = new AskRow(run, approval, {
          may: this.#may.answer,
          answer: (approved) => this.#board.answer(run, id, approved),
          announce: (words) => this.#announce(words),
        });
        this.#asks.set(id, row);
        this.#parts.asks.append(row.element);
        if (!this.#isFirst) {
          this.#announce(`${run.title} asks you: may it use ${approval.tool_name}?`);
        }
      }
    }

    this.#parts['asks-part'].hidden = this.#asks.size === 0;
  }

  /** @param {ListedRun[]} runs */
  #showLines(runs) {
    const listed = new Map(runs.map((run) => [run.run_id, run]));
    for (const [id, line] of this.#lines) {
      if (!listed.has(id) && !this.#over.has(id)) {
        line.end(this.#live.runOf(line.sessionId, id));
        this.#over.set(id, performance.now() + OVER_MS);
        this.#announce(`${line.title}: ${line.endWords}`);
      }
    }

    for (const run of runs) {
      let line = this.#lines.get(run.run_id);
      if (!line) {
        line = new RunLine(run, {
          mayStop: this.#may.stop,
          stop: () => this.#board.stop(run),
          announce: (words) => this.#announce(words),
        });
        this.#lines.set(run.run_id, line);
        this.#watcher.observe(line.element);
      }

      this.#over.delete(run.run_id);
      line.update(run, this.#live.runOf(run.session_id, run.run_id));
    }

    this.#arrange(runs);
  }

  // Who works stands first, the one that began first on top: a line goes to another place only when its run's state is another.
  #arrange(runs) {
    const rank = { running: 0, waiting: 1, queued: 2 };
    const order = [...runs].sort((one, other) => rank[one.status] - rank[other.status] || (one.since ?? 0) - (other.since ?? 0));
    const elements = order.map((run) => this.#lines.get(run.run_id).element);
    let place = this.#parts.lines.firstElementChild;
    for (const element of elements) {
      while (place && this.#over.has(place.dataset.runId)) {
        place = place.nextElementSibling;
      }

      if (place === element) {
        place = place.nextElementSibling;
      } else {
        this.#parts.lines.insertBefore(element, place);
      }
    }

    const isEmpty = this.#lines.size === 0;
    this.#parts['lines-part'].hidden = isEmpty;
    this.#parts.empty.hidden = !isEmpty;
  }

  #tick() {
    const now = performance.now();
    for (const [id, until] of this.#over) {
      if (now >= until) {
        this.#over.delete(id);
        const line = this.#lines.get(id);
        this.#lines.delete(id);
        this.#watcher.unobserve(line.element);
        this.#inSight.delete(line.element);
        this.#takeAway(line.element, this.#parts['lines-title']);
        this.#arrange(this.#board.runs);
        this.#follow();
      }
    }

    for (const line of this.#lines.values()) {
      line.tick(this.#live.runOf(line.sessionId, line.runId));
    }

    this.#showSum();
    for (const row of this.#asks.values()) {
      row.tick();
    }
  }

  #linesOf(sessionId) {
    return [...this.#lines.values()].filter((line) => line.sessionId === sessionId);
  }

  // What is under way and in sight is followed; one that waits says nothing new but that it does so no more.
  #follow() {
    this.#live.follow([...this.#lines.values()]
      .filter((line) => line.isLive && this.#inSight.has(line.element))
      .sort((one, other) => Number(other.isRunning) - Number(one.isRunning))
      .map((line) => line.sessionId));
  }

  #seen(entries) {
    for (const { target, isIntersecting } of entries) {
      if (isIntersecting) {
        this.#inSight.add(target);
      } else {
        this.#inSight.delete(target);
      }
    }

    this.#follow();
  }

  #heard({ type }) {
    if (type === 'run_finished' || type === 'run_queued' || type === 'run_started' || type === 'tool_approval_required'
      || type === 'tool_approval_resolved') {
      this.#board.poke();
    }
  }

  #key(event) {
    if (event.key.toLowerCase() === 'x' && isPlain(event)) {
      this.#lineAt(event.target)?.stop();
    }
  }

  #goFromRunToRun(event) {
    const step = { j: 1, k: -1 }[event.key.toLowerCase()];
    if (!step || !isPlain(event) || event.target.closest?.('input, textarea')) {
      return;
    }

    const lines = [...this.#parts.lines.children];
    const at = lines.indexOf(event.target.closest?.('.line'));
    const next = lines[at < 0 ? (step > 0 ? 0 : lines.length - 1) : at + step];
    next?.querySelector('a').focus();
  }

  #lineAt(element) {
    return this.#lines.get(element.closest('.line')?.dataset.runId ?? '');
  }

  // The keyboard's place is not to be lost with what it was in.
  #takeAway(element, heading) {
    const hadFocus = element.contains(document.activeElement);
    element.remove();
    if (hadFocus) {
      heading.focus();
    }
  }

  #announce(words) {
    this.#parts.announcements.append(make('p', {}, words));
    while (this.#parts.announcements.childElementCount > 3) {
      this.#parts.announcements.firstElementChild.remove();
    }
  }
}

function isPlain({ ctrlKey, metaKey, altKey, repeat }) {
  return !ctrlKey && !metaKey && !altKey && !repeat;
}
