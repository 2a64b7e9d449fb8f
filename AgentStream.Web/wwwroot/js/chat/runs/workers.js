import { serverNow } from '../browser/server-clock.js';
import { agentSign } from '../view/elements/agent-sign.js';
import { button, make, setText } from '../view/elements/dom.js';
import { counted, duration } from '../words/format.js';

const MOST = 200;
const NOBODY = '';

/** Which worker has which runs, of whomever, and until when: for who may see and end all of them. Nothing of what was said is in it. */
export class Workers {
  #part;
  #list;
  #api;
  #board;
  #shown = '';

  /** @param {{ part: HTMLElement, list: HTMLElement, api: import('../sessions/api.js').Api, board: import('./board.js').Board }} of */
  constructor({ part, list, api, board }) {
    this.#part = part;
    this.#list = list;
    this.#api = api;
    this.#board = board;
  }

  start() {
    // Whenever the list of one's own runs was read, so that both say the same.
    this.#board.listen(() => this.#refresh());
    void this.#refresh();
  }

  async #refresh() {
    try {
      const { runs = [], next } = await (await this.#api.ask(`api/admin/runs?limit=${MOST}`, {})).json();
      this.#show(byWorker(runs), Boolean(next));
    } catch (error) {
      // What is shown stays; the page's own state says that the API is not reached.
      console.warn(error);
    }
  }

  #show(workers, hasMore) {
    this.#part.hidden = workers.size === 0;
    const words = JSON.stringify([[...workers], hasMore]);
    if (words === this.#shown || this.#list.contains(document.activeElement)) {
      return;
    }

    this.#shown = words;
    this.#list.replaceChildren(...[...workers].map(([worker, runs]) => this.#worker(worker, runs)),
      ...(hasMore ? [make('p', { class: 'runs-note' }, `These are the runs of the first ${MOST} sessions; there are more.`)] : []));
  }

  #worker(worker, runs) {
    const name = worker || 'Without a worker';
    return make('section', { class: 'worker', 'data-testid': 'worker', 'data-worker': worker },
      make('h3', {}, make('span', { class: 'worker-name', title: name }, name),
        make('span', { class: 'worker-load' }, counted(runs.length, 'run', 'runs'))),
      make('ul', { class: 'worker-runs' }, ...runs.map((run) => this.#run(run))));
  }

  #run(run) {
    const note = make('span', { class: 'worker-lease' }, leaseWords(run, serverNow() / 1000));
    note.toggleAttribute('data-lost', isLost(run, serverNow() / 1000));
    const end = button('End', async () => {
      end.disabled = true;
      setText(note, await this.#end(run));
    }, { 'aria-label': `End the run of ${run.owner} with ${run.agent_name}`, 'data-testid': 'worker-end' });
    return make('li', { class: 'worker-run' },
      agentSign(run.agent_name),
      make('span', { class: 'worker-whose' }, run.agent_name, make('span', { class: 'quiet' }, ` · ${run.owner}`)),
      note, end);
  }

  async #end({ session_id: session, run_id: run }) {
    try {
      const { status } = await this.#api.ask(
        `api/admin/sessions/${session}/runs/${run}/cancel`, { method: 'POST' }, [404, 409]);
      return status === 202 ? 'ending' : 'is over already';
    } catch (error) {
      console.warn(error);
      return 'could not be ended; try again';
    }
  }
}

/** @param {{ worker?: string, status: string }[]} runs @returns {Map<string, object[]>} the busiest first, what waits for one last */
export function byWorker(runs) {
  const workers = new Map();
  for (const run of runs) {
    const worker = run.status === 'running' ? run.worker ?? NOBODY : NOBODY;
    workers.set(worker, [...workers.get(worker) ?? [], run]);
  }

  return new Map([...workers].sort(([one, ones], [other, others]) =>
    (one === NOBODY) - (other === NOBODY) || others.length - ones.length || one.localeCompare(other)));
}

/** @param {{ status: string, lease_until?: number, attempt?: number }} run @param {number} now Unix seconds @returns {string} */
export function leaseWords(run, now) {
  const attempt = run.attempt > 1 ? `attempt ${run.attempt}, ` : '';
  if (run.status !== 'running') {
    return attempt + (run.status === 'waiting' ? 'waits for a person' : 'waits for its turn');
  }

  return attempt + (isLost(run, now) ? 'lease has run out: another worker may take over'
    : run.lease_until ? `lease for ${duration(Math.round(run.lease_until - now) * 1000)}` : 'has it');
}

function isLost({ status, lease_until: until }, now) {
  return status === 'running' && until > 0 && until < now;
}
