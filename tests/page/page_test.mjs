// The status page in a real browser, before a real daemon. Run by scripts/page-test, which sets
//   GCSTREAMD_BINARIES   the folder with gcstreamd and gcstream-sim
//   GCSTREAMD_BROWSER    Chromium
//   GCSTREAMD_PICTURES   where pictures are left for people
import assert from 'node:assert/strict';
import fs from 'node:fs';
import {createRequire} from 'node:module';
import path from 'node:path';
import {after, before, test} from 'node:test';
import {Running} from './running.mjs';

const {GCSTREAMD_BINARIES, GCSTREAMD_BROWSER, GCSTREAMD_PICTURES} = process.env;
// The browser's driver and axe-core are installed beside the pictures, not here.
const require = createRequire(path.join(process.cwd(), 'package.json'));
const {chromium} = require('playwright-core');
const AXE = fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const LIMIT = {timeout: 30000};

let browser;
let running;
before(async () => {
  running = new Running(GCSTREAMD_BINARIES, ['--rate', '25', '--gap-every', '60', '--lose-every', '90', '--heartbeat-s', '1']);
  await running.start();
  browser = await chromium.launch({executablePath: GCSTREAMD_BROWSER, args: ['--no-sandbox']});
});
after(async () => {
  await browser?.close();
  await running?.end();
});

// The page in a window of its own; whatever the browser complains of, or asks others for, is a fault.
const open = async (t, options = {}, prepare = async () => {}) => {
  const context = await browser.newContext({viewport: {width: 1200, height: 900}, ...options});
  t.after(() => context.close());
  const page = await context.newPage();
  page.faults = [];
  page.on('pageerror', (error) => page.faults.push(String(error)));
  page.on('console', (message) => { if (message.type() === 'error') page.faults.push(message.text()); });
  page.on('request', (request) => {
    if (!/^(data:|http:\/\/127\.0\.0\.1:)/.test(request.url())) page.faults.push(`asks for ${request.url()}`);
  });
  await prepare(page);
  await page.goto(running.url);
  await page.waitForFunction(() => document.querySelector('h2'), null, LIMIT);
  return page;
};
// Waits until the text of the first such element is so.
const until = (page, pattern, selector) => page.waitForFunction(
  ([source, where]) => new RegExp(source).test(document.querySelector(where)?.textContent), [pattern.source, selector], LIMIT);
const figure = (page, name) => page.locator('.figures > div', {hasText: name}).locator('.value');
const lastNumber = async (page) => Number((await figure(page, 'Last number').innerText()).replaceAll(/\D/g, ''));
const accessible = async (page) => {
  await page.evaluate(AXE);
  const {violations, passes} = await page.evaluate(() => window.axe.run());
  assert.deepEqual(violations.map(({id, nodes}) => [id, nodes.map(({html}) => html)]), []);
  assert.ok(passes.some(({id}) => id === 'color-contrast'), 'contrast was looked at');
};
const fits = (page) => page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth);
const settled = async (page) => {
  await until(page, /Gap filled/, '[data-part=timeline]');
  await until(page, /Lost/, '[data-part=timeline]');
  await until(page, /^receiving$/, '[data-part=state]');
};
const picture = (page, name) => page.screenshot({path: path.join(GCSTREAMD_PICTURES, `page-${name}.png`), fullPage: true});

test('what happens is seen live', async (t) => {
  const page = await open(t);
  await until(page, /^live$/, '#link');
  await until(page, /^ready$/, '#ready');
  const before = await lastNumber(page);
  await page.waitForFunction((number) => Number(document.querySelectorAll('.figures .value')[1].innerText.replaceAll(/\D/g, '')) > number, before, LIMIT);
  await page.waitForFunction(() => document.querySelectorAll('.rate .curve').length > 0, null, LIMIT);
  assert.deepEqual(page.faults, []);
});

test('gaps and losses are on the time line, with their numbers', async (t) => {
  const page = await open(t);
  await settled(page);
  assert.notEqual(await figure(page, 'Lost').innerText(), '0');
  assert.ok(await page.locator('.ribbon .mark.error').count() > 0);
  assert.match(await page.locator('[data-part=timeline]').innerText(), /Lost: \d+/);
  assert.deepEqual(page.faults, []);
});

test('a drop and the recovery are seen, with what to do', async (t) => {
  const page = await open(t);
  await until(page, /^receiving$/, '[data-part=state]');
  running.line.cut();
  await until(page, /not ready/, '#ready');
  await until(page, /main/, '#reasons');
  await picture(page, 'dropped');
  running.line.mend();
  await until(page, /^receiving$/, '[data-part=state]');
  await until(page, /^ready$/, '#ready');
  assert.match(await page.locator('[data-part=faults] .hint').first().innerText(), /connection ended/);
  assert.equal(await page.locator('#reasons').isVisible(), false);
  assert.deepEqual(page.faults, []);
});

for (const colorScheme of ['light', 'dark'])
  for (const width of [1200, 360])
    test(`${colorScheme} and ${width} px wide: nothing overflows, axe finds nothing`, async (t) => {
      const page = await open(t, {colorScheme, viewport: {width, height: 800}});
      await settled(page);
      await page.locator('section > details > summary').click();
      assert.ok(await fits(page), 'no scrolling sideways');
      await accessible(page);
      const [red] = (await page.evaluate(() => getComputedStyle(document.body).backgroundColor)).match(/\d+/g);
      assert.equal(Number(red) > 128, colorScheme === 'light');
      await picture(page, `${colorScheme}-${width}`);
      assert.deepEqual(page.faults, []);
    });

test('a screen reader finds its way', async (t) => {
  const page = await open(t);
  await settled(page);
  for (const [role, name] of [['heading', 'gcstreamd'], ['heading', 'main'], ['region', 'main'], ['heading', 'Sinks'],
    ['img', /^Events a second over the last quarter of an hour: now .*, at most /],
    ['img', /^Latency over the last quarter of an hour: /], ['img', /^The sequence over the last 15 min: up to /]])
    await page.getByRole(role, {name}).first().waitFor({...LIMIT, state: 'attached'});
  const live = await page.evaluate(() => [...document.querySelectorAll('[role=status]')].map((node) => node.id));
  assert.deepEqual(live, ['ready', 'link']);  // figures that change every second are not read out
});

test('a value under the pointer is told', async (t) => {
  const page = await open(t);
  await page.waitForFunction(() => document.querySelector('.rate .curve'), null, LIMIT);
  const box = await page.locator('[data-part=rate]').boundingBox();
  await page.mouse.move(box.x + box.width - 1, box.y + box.height / 2);
  await until(page, /^0 s ago: /, '.rate .readout');
});

test('what the daemon says is text, whatever it says', async (t) => {
  const markup = '<img src=x onerror=alert(1)><script>alert(2)</script>';
  const page = await open(t, {}, async (one) => {
    const status = await (await fetch(`${running.url}status`)).json();
    const [stream] = status.streams;
    status.version = status.notReady[0] = stream.name = stream.state = markup;
    stream.sinks[0].name = stream.sinks[0].path = stream.sinks[0].error = stream.sinks[0].state = markup;
    stream.eventsByType[markup] = 1;
    const incident = {type: markup, severity: markup, first: status.now, last: status.now, count: 2, fields: {error: markup, hint: markup}};
    stream.faults = stream.timeline = [incident];
    await one.route('**/events', (route) => route.fulfill({contentType: 'text/event-stream', body: `data: ${JSON.stringify(status)}\n\n`}));
  });
  assert.equal(await page.locator('h2').innerText(), markup);
  assert.equal(await page.locator('img, main script, main [onerror]').count(), 0);
  assert.ok((await page.locator('main').innerText()).split(markup).length > 8);
  assert.deepEqual(page.faults, []);
});

test('who comes when all places are taken sees the status now and then', async (t) => {
  const readers = await Promise.all([...Array(8)].map(async () => {
    const ending = new AbortController();
    await fetch(`${running.url}events`, {signal: ending.signal});
    return ending;
  }));
  t.after(() => readers.forEach((reader) => reader.abort()));
  const page = await open(t);
  await until(page, /every 5 s/, '#link');
  await until(page, /^receiving$/, '[data-part=state]');
  readers.forEach((reader) => reader.abort());
  await until(page, /^live$/, '#link');
});

test('a daemon that is gone is told, and the page goes on when it is back', async (t) => {
  const page = await open(t);
  await until(page, /^live$/, '#link');
  const number = await lastNumber(page);
  assert.equal(await running.daemon.end(), 0);
  await until(page, /no answer/, '#ready');
  assert.match(await page.title(), /^no answer/);
  await running.startDaemon();
  await until(page, /^live$/, '#link');
  assert.ok(await lastNumber(page) >= number);
});
