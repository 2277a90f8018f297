// The page: what /events says, second by second. Every text of the daemon is set as text, never as markup.

const NEWEST = 5;          // incidents that are shown without asking
const SILENCE_MS = 5000;   // without a word, the daemon counts as gone
const byId = (id) => document.getElementById(id);
const sections = new Map();
let now = Date.now();

function set(node, text) { if (node.textContent !== text) node.textContent = text; }
function element(name, className, ...children) {
  const node = document.createElement(name);
  if (className) node.className = className;
  node.append(...children);
  return node;
}
const mark = (node, kind) => {
  node.classList.toggle('good', kind === 'good');
  node.classList.toggle('bad', kind === 'bad');
};
// As many children as values, each drawn in place: what somebody has selected or opened stays.
const inPlace = (parent, values, make, draw) => {
  while (parent.children.length > values.length) parent.lastChild.remove();
  while (parent.children.length < values.length) parent.append(make());
  values.forEach((value, i) => draw(parent.children[i], value));
};

// Facts are [name, value, kind, note].
const drawFacts = (list, facts) => inPlace(list, facts,
  () => element('div', '', element('dt'), element('dd', 'value'), element('dd', 'note')),
  (pair, [name, text, kind, note]) => {
    const [term, value, small] = pair.children;
    set(term, name);
    set(value, text);
    set(small, note || '');
    small.hidden = !note;
    value.classList.toggle('bad', kind === 'bad');
  });

const incidentItem = (incident, hint) => {
  const [what, details] = describe(incident);
  const time = element('time', '');
  time.dateTime = time.title = incident.last;
  const head = element('p', '', element('span', 'kind', what), incident.count > 1 ? ` (${count(incident.count)} times)` : '', ' ', time);
  const item = element('li', incident.severity, head);
  if (details) item.append(element('p', '', details));
  if (hint) item.append(element('p', 'hint', hint));
  return item;
};
// Each hint once, where it is needed first.
const incidentItems = (incidents) => {
  const told = new Set();
  return incidents.map((incident) => {
    const {hint} = incident.fields;
    const item = incidentItem(incident, told.has(hint) ? '' : hint);
    told.add(hint);
    return item;
  });
};
// The newest first. Drawn anew only when there is something new; the times go on.
const drawIncidents = (box, list, none) => {
  const incidents = merged(list).reverse();
  const key = JSON.stringify(incidents);
  if (box.dataset.key !== key) {
    box.dataset.key = key;
    const open = box.querySelector('details')?.open;
    const items = incidentItems(incidents);
    const newest = element('ol', '', ...(items.length ? items.slice(0, NEWEST) : [element('li', 'none', none)]));
    const older = element('details', '', element('summary', '', `${items.length - NEWEST} older`), element('ol', '', ...items.slice(NEWEST)));
    older.open = Boolean(open);
    box.replaceChildren(newest, ...(items.length > NEWEST ? [older] : []));
  }
  for (const time of box.querySelectorAll('time')) set(time, ago(time.dateTime, now));
};

const sinkItem = () => element('li', '', element('div', 'title', element('span', 'kind'), element('span', 'pill'), element('span', 'soft')),
  element('p', 'soft'), element('dl', 'facts'));
const drawSink = (item, sink) => {
  const [title, path, facts] = item.children;
  const [name, state, role] = title.children;
  set(name, sink.name);
  set(state, sink.state);
  mark(state, sink.state === 'working' ? 'good' : sink.state === 'proving' ? '' : 'bad');
  set(role, `${sink.type}, ${sink.required ? 'required' : 'optional'}`);
  set(path, [sink.path, sink.error].filter(Boolean).join(': '));
  drawFacts(facts, [['Durable up to', count(sink.durableSequenceNumber)], ['Lag', events(sink.lagEvents)],
    ['Failures', count(sink.failures), sink.failures > 0 && 'bad'], ['Disk free', bytes(sink.diskFreeBytes)]]);
};

const tokenFigure = (expires) => {
  const left = expires ? Date.parse(expires) - now : null;
  if (left === null) return ['Token', 'none yet'];
  return left < 0 ? ['Token', 'expired', 'bad', clock(expires)] : ['Token left', span(left), '', 'renewed by itself'];
};
const figures = (stream) => {
  const {p50, p95, p99} = stream.latencyMs;
  return [['Rate', known(stream.ratePerS) ? `${short(stream.ratePerS)} /s` : NONE, '', `last event ${ago(stream.lastEvent, now)}`],
    ['Last number', count(stream.lastSequenceNumber), '', events(stream.events)],
    ['Lost', count(stream.lost), stream.lost > 0 && 'bad', 'since the start'],
    ['Gaps', count(stream.gaps), '', `${count(stream.duplicates)} duplicates left out`],
    ['Latency p95', duration(p95), '', known(p50) ? `p50 ${duration(p50)}, p99 ${duration(p99)}` : ''],
    tokenFigure(stream.tokenExpires)];
};
const channelFacts = ({notifications: of}) => of ? [
  ['Channels', `${count(of.channelsLive)} of ${count(of.channels)} heard`, of.channelsLive < of.channels && 'bad'],
  ['Topics', `${count(of.topics)}, ${count(of.topicsRejected)} rejected`, of.topicsRejected > 0 && 'bad'],
  ['Time to fill in', of.gapsWaiting === 1 ? '1 window' : `${count(of.gapsWaiting)} windows`],
  ['REST calls', `${count(of.requestsUsed)} within a minute`]] : [];
const moreFacts = (stream) => [
  ...channelFacts(stream),
  ['Connected', stream.connectedSince ? `for ${span(now - Date.parse(stream.connectedSince))}` : 'no'],
  ['Attempts in a row', count(stream.attempts)],
  ...(stream.nextAttempt ? [['Next attempt', `in ${span(Date.parse(stream.nextAttempt) - now)}`]] : []),
  ['Last frame', ago(stream.lastFrame, now)], ['Heartbeats', count(stream.heartbeats)],
  ['Bytes of events', bytes(stream.eventBytes)],
  ['Position', stream.positionSaved ? 'saved' : 'cannot be saved', !stream.positionSaved && 'bad'],
  ['Events by type', counts(stream.eventsByType)], ['Reconnects by cause', counts(stream.reconnects)],
  ['Bad messages', counts(stream.frameErrors)]];

const section = (name) => {
  if (sections.has(name)) return sections.get(name);
  const node = byId('stream').content.cloneNode(true).firstElementChild;
  const parts = {node};
  for (const part of node.querySelectorAll('[data-part]')) parts[part.dataset.part] = part;
  parts.name.id = node.dataset.stream = `stream-${name}`;
  node.setAttribute('aria-labelledby', parts.name.id);
  parts.rateCurve = new Curve(parts.rate, 'Events a second', (value) => `${short(value)} /s`);
  parts.latencyCurve = new Curve(parts.latency, 'Latency', duration);
  sections.set(name, parts);
  byId('streams').append(node);
  return parts;
};
const drawStream = (stream) => {
  const parts = section(stream.name);
  const [words, kind] = STATES[stream.state] || [stream.state, ''];
  set(parts.name, stream.name);
  set(parts.state, words);
  mark(parts.state, stream.ready ? kind : 'bad');
  set(parts.since, `for ${span(now - Date.parse(stream.since))}, since ${clock(stream.since)}`);
  drawFacts(parts.figures, figures(stream));
  parts.rateCurve.draw(stream.trend.rate, stream.trend.stepS);
  parts.latencyCurve.draw(stream.trend.latencyMs, stream.trend.stepS);
  drawRibbon(parts.ribbon, parts.ribbonScale, stream, now);
  drawIncidents(parts.timeline, stream.timeline, 'No gaps and no losses since the start.');
  inPlace(parts.sinks, stream.sinks, sinkItem, drawSink);
  drawIncidents(parts.faults, stream.faults.filter(({type}) => !WORDS[type]),
    stream.faults.length ? 'No others since the start.' : 'None since the start.');
  drawFacts(parts.facts, moreFacts(stream));
};

const drawOverview = (streams) => {
  document.querySelector('nav').hidden = streams.length < 2;
  inPlace(byId('overview'), streams, () => element('li', '', element('a')), (item, stream) => {
    const link = item.firstElementChild;
    link.href = `#stream-${stream.name}`;
    set(link, `${stream.name}, ${STATES[stream.state]?.[0] || stream.state}`);
    mark(link, stream.ready ? 'good' : 'bad');
  });
};
const drawReady = (words, kind) => {
  set(byId('ready'), words);
  mark(byId('ready'), kind);
  document.title = `${words}: gcstreamd`;
  const colour = {good: '2f9e63', bad: 'd3404f'}[kind] || 'd08a1d';
  const icon = `data:image/svg+xml,<svg xmlns="${SVG}" viewBox="0 0 16 16"><circle cx="8" cy="8" r="6" fill="%23${colour}"/></svg>`;
  if (byId('icon').href !== icon) byId('icon').href = icon;
};
const draw = (status) => {
  now = Date.parse(status.now);
  heard = performance.now();
  byId('streams').classList.remove('stale');
  drawReady(status.ready ? 'ready' : 'not ready', status.ready ? 'good' : 'bad');
  set(byId('process'), `${status.version}, process ${status.pid}, up ${span(now - Date.parse(status.started))}`);
  inPlace(byId('reasons'), status.notReady, () => element('li'), set);
  byId('reasons').hidden = status.notReady.length === 0;
  for (const [name, parts] of sections)
    if (!status.streams.some((stream) => stream.name === name)) {
      parts.node.remove();
      sections.delete(name);
    }
  status.streams.forEach(drawStream);
  drawOverview(status.streams);
};

let heard = performance.now();
const gone = () => {
  drawReady('no answer', 'bad');
  byId('streams').classList.add('stale');
  set(byId('link'), sections.size ? `trying again; last heard ${clock(new Date(now).toISOString())}` : 'trying again');
};
// Where no place is left among the readers of events, the status is asked for now and then.
const poll = async () => {
  try {
    draw(await (await fetch('status')).json());
    set(byId('link'), 'every 5 s: too many read live already');
  } catch {
    gone();
  }
  setTimeout(listen, SILENCE_MS);
};
let source;
const listen = () => {
  source?.close();
  source = new EventSource('events');
  source.onmessage = (message) => {
    draw(JSON.parse(message.data));
    set(byId('link'), 'live');
  };
  source.onerror = () => {
    if (source.readyState === EventSource.CLOSED) poll();
    else gone();
  };
};
// A link that is dead and says nothing is given up for another one.
setInterval(() => {
  if (performance.now() - heard <= SILENCE_MS + 1000) return;
  gone();
  heard = performance.now();
  if (source.readyState !== EventSource.CLOSED) listen();
}, 1000);
listen();
