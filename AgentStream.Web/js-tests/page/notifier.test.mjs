import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeStorage } from '../../../clients/js/tests/fakes.mjs';
import { Notifier } from '../../wwwroot/js/chat/view/shell/notifier.js';

function person({ answer = 'granted', hidden = true, storage = new FakeStorage() } = {}) {
  const told = [];
  const said = [];
  class Notification extends EventTarget {
    static permission = 'default';

    static requestPermission() {
      Notification.permission = answer;
      return Promise.resolve(answer);
    }

    constructor(title, { body, tag }) {
      super();
      told.push([title, body, tag]);
    }
  }

  const button = new EventTarget();
  button.setAttribute = (_, value) => { button.pressed = value; };
  const notifier = new Notifier(button, { storage, say: (words) => said.push(words), Notification });
  const click = async () => {
    button.dispatchEvent(new Event('click'));
    await new Promise((resolve) => { setImmediate(resolve); });
  };
  const run = (status) => ({ runId: 'r', agentName: 'analyst', status });
  const update = (active, ended) => {
    globalThis.document = { hidden, baseURI: 'http://localhost/' };
    notifier.update('s', 'A chat', active && run(active), () => ended && run(ended));
  };
  return { button, click, update, told, said };
}

test('who switched it on and looks elsewhere is told once that they are asked, and that the run is over', async () => {
  const { button, click, update, told } = person();
  await click();
  assert.equal(button.pressed, 'true');
  for (const status of ['running', 'waiting', 'waiting', 'running']) {
    update(status);
  }

  update(null, 'completed');
  update(null, 'completed');
  assert.deepEqual(told, [['A chat', 'analyst asks you.', 's'], ['A chat', 'The answer is there.', 's']]);

  update('running');
  update(null, 'cancelled');
  update('running');
  await click();
  update(null, 'failed');
  assert.equal(button.pressed, 'false');
  assert.equal(told.length, 2);
});

test('nobody is told who did not agree, who looks on, or whose browser says no', async () => {
  const looking = person({ hidden: false });
  await looking.click();
  const refused = person({ answer: 'denied' });
  await refused.click();
  for (const { update } of [person(), looking, refused]) {
    update('running');
    update(null, 'completed');
  }

  assert.deepEqual([looking.told, refused.told, refused.button.pressed], [[], [], 'false']);
  assert.match(refused.said[0], /^The browser keeps this page from telling you/);
});

test('another session\'s run is no news of this one', async () => {
  const { click, update, told } = person();
  await click();
  update('running');
  update(null, null);
  assert.deepEqual(told, []);
});
