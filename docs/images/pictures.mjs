// Makes the pictures of the chat page in README.md, from the page as it is: node docs/images/pictures.mjs
// It needs a built solution, chromium and npm, starts Standalone with a scripted model (pictures.json) and ends it again.
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const here = import.meta.dirname;
const solution = resolve(here, '../..');
const folder = mkdtempSync(join(tmpdir(), 'agentstream-pictures-'));
execFileSync('npm', ['install', '--no-audit', '--no-fund', '--prefix', folder, 'playwright-core@1.56.1'], { stdio: 'ignore' });
const { chromium } = createRequire(join(folder, 'package.json'))('playwright-core');

const [api, web] = [47311, 47312];
const program = join(solution, 'AgentStream.Standalone/bin/Debug/net10.0/AgentStream.Standalone.dll');
const service = spawn('dotnet', [program], {
  cwd: join(solution, 'AgentStream.Standalone'),
  env: {
    ...process.env,
    ASPNETCORE_ENVIRONMENT: 'Development',
    AgentStream__DataDirectory: join(folder, 'data'),
    AgentStream__Standalone__ApiPort: api,
    AgentStream__Standalone__WebPort: web,
    AgentStream__DefaultModel: 'scripted',
    AgentStream__Models__scripted__ScriptPath: join(here, 'pictures.json'),
    AgentStream__Agents__assistant__Approvals__0: 'save_note',
    AgentStream__Agents__assistant__Delegates__0: 'analyst',
  },
});
await new Promise((ready, failed) => {
  service.stdout.on('data', (text) => `${text}`.includes('AgentStream runs') && ready());
  service.on('exit', (code) => failed(new Error(`Standalone ended with ${code}: build the solution first`)));
});

const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu'] });
try {
  await take('chat-dark', { dark: true }, async (page) => {
    await ask(page, 'Compare 29.90 a month with 299 a year.');
    await ended(page);
    await unfold(page);
    await page.getByTestId('call-row').first().click();
  });
  await take('chat-approval', { dark: true, height: 560 }, async (page) => {
    await ask(page, 'Keep a note of what I put aside each month.');
    await page.waitForSelector('[data-testid=approval]');
  });
  await take('chat-phone', { width: 390, height: 844, phone: true }, savings);
  await take('chat', {}, savings);
} finally {
  await browser.close();
  service.removeAllListeners('exit');
  service.kill('SIGINT');
  await new Promise((gone) => service.once('exit', gone));
  rmSync(folder, { recursive: true });
}

async function savings(page) {
  await ask(page, 'If I save 250 a month at 4 %, what is it after 3 years?');
  await ended(page);
  await unfold(page);
}

async function take(name, { width = 1280, height = 860, dark = false, phone = false }, act) {
  const context = await browser.newContext({
    viewport: { width, height }, colorScheme: dark ? 'dark' : 'light', isMobile: phone, hasTouch: phone, deviceScaleFactor: phone ? 2 : 1,
  });
  const page = await context.newPage();
  await page.goto(`http://localhost:${web}/`);
  await page.waitForSelector('[data-testid=connection-state][data-state=connected]');
  await act(page);
  await page.mouse.move(0, 0);
  await page.evaluate(() => document.activeElement?.blur());
  await page.waitForTimeout(600); // What moves comes to rest.
  await page.screenshot({ path: join(here, `${name}.png`) });
  await context.close();
}

async function ask(page, question) {
  await page.getByTestId('message-input').fill(question);
  await page.keyboard.press('Enter');
}

async function ended(page) {
  await page.waitForFunction(() => [...document.querySelectorAll('[data-testid=run]')].at(-1)?.dataset.status === 'completed');
}

async function unfold(page) {
  const fold = page.getByTestId('trace-fold').last();
  if (await fold.getAttribute('aria-expanded') === 'false') {
    await fold.click();
  }
}
