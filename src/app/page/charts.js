// Curves and the time line. Texts stand beside the drawings, where a screen reader and a narrow screen can have them.

const SVG = 'http://www.w3.org/2000/svg';
const WIDTH = 600;
const HEIGHT = 120;
const WINDOW_S = 900;

const shape = (name, attributes) => {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  return node;
};

// The next of 1, 2, 5, 10, ...: a scale that seldom changes.
const roundTop = (most) => {
  if (!(most > 0)) return 1;
  const unit = 10 ** Math.floor(Math.log10(most));
  return [1, 2, 5, 10].map((step) => step * unit).find((top) => top >= most * 1.02) || 20 * unit;
};

const points = (run) => run.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(' ');
const curveShapes = (run) => {
  const [first, last] = [run[0][0].toFixed(1), run[run.length - 1][0].toFixed(1)];
  return [shape('polygon', {class: 'area', points: `${first},${HEIGHT} ${points(run)} ${last},${HEIGHT}`}),
    shape('polyline', {class: 'curve', points: points(run)})];
};

// One curve over the last quarter of an hour. `words` puts a value in words.
class Curve {
  constructor(svg, name, words) {
    Object.assign(this, {svg, name, words, values: [], step: 5});
    const figure = svg.closest('figure');
    this.top = figure.querySelector('.top');
    this.readout = figure.querySelector('.readout');
    this.cursor = shape('line', {class: 'cursor', y1: 0, y2: HEIGHT, visibility: 'hidden'});
    svg.addEventListener('pointermove', (event) => this.point(event));
    svg.addEventListener('pointerleave', () => { this.at = null; this.tell(); });
  }

  draw(values, step) {
    const same = JSON.stringify(values) === JSON.stringify(this.values);
    Object.assign(this, {values, step});
    if (!same) this.redraw();
    this.tell();
  }

  x(i) { return WIDTH - (this.values.length - 1 - i) * this.step * WIDTH / WINDOW_S; }

  redraw() {
    const top = roundTop(Math.max(0, ...this.values.filter(known)));
    const runs = [];
    this.values.forEach((value, i) => {
      if (!known(value)) return;
      if (i === 0 || !known(this.values[i - 1])) runs.push([]);
      runs[runs.length - 1].push([this.x(i), HEIGHT - value / top * HEIGHT]);
    });
    for (const run of runs) if (run.length === 1) run.unshift([run[0][0] - 2, run[0][1]]);
    const grid = [0, 0.5].map((part) => shape('line', {class: 'grid', x1: 0, x2: WIDTH, y1: part * HEIGHT, y2: part * HEIGHT}));
    this.svg.replaceChildren(...grid, ...runs.flatMap(curveShapes), this.cursor);
    set(this.top, this.words(top));
  }

  point(event) {
    const box = this.svg.getBoundingClientRect();
    const back = (1 - (event.clientX - box.left) / box.width) * WINDOW_S / this.step;
    this.at = Math.round(this.values.length - 1 - back);
    this.tell();
  }

  tell() {
    const known_values = this.values.filter(known);
    const summary = known_values.length
      ? `now ${this.words(this.values[this.values.length - 1])}, at most ${this.words(Math.max(...known_values))}` : 'nothing yet';
    this.svg.setAttribute('aria-label', `${this.name} over the last quarter of an hour: ${summary}`);
    const chosen = known(this.at) && this.at >= 0 && this.at < this.values.length;
    this.cursor.setAttribute('visibility', chosen ? 'visible' : 'hidden');
    if (chosen) for (const end of ['x1', 'x2']) this.cursor.setAttribute(end, this.x(this.at));
    const back = (this.values.length - 1 - this.at) * this.step * 1000;
    set(this.readout, chosen ? `${span(back)} ago: ${this.words(this.values[this.at])}` : summary);
  }
}

const SPANS_S = [900, 3600, 6 * 3600, 86400, 7 * 86400, 30 * 86400, 365 * 86400];

// What befell the sequence, on the shortest span that holds it all.
const drawRibbon = (svg, scale, stream, now) => {
  const incidents = stream.timeline;
  const oldest = Math.max(0, ...incidents.map((incident) => (now - Date.parse(incident.first)) / 1000));
  const length = SPANS_S.find((s) => s >= oldest) || oldest;
  const x = (time) => Math.max(0, WIDTH - (now - Date.parse(time)) / 1000 / length * WIDTH).toFixed(1);
  const marks = [...incidents].sort((a, b) => (a.severity === 'error') - (b.severity === 'error')).map((incident) => {
    const half = incident.severity === 'error' ? 12 : incident.severity === 'warning' ? 9 : 5;
    const mark = shape('line', {class: `mark ${incident.severity}`, x1: x(incident.last), x2: x(incident.last), y1: 14 - half, y2: 14 + half});
    const title = shape('title', {});
    title.textContent = `${clock(incident.last)}: ${describe(incident)[0]}`;
    mark.append(title);
    return mark;
  });
  svg.replaceChildren(shape('rect', {class: 'band', x: 0, y: 10, width: WIDTH, height: 8, rx: 2}), ...marks);
  const words = known(stream.lastSequenceNumber) ? `up to ${count(stream.lastSequenceNumber)}` : 'no number yet';
  svg.setAttribute('aria-label', `The sequence over the last ${span(length * 1000)}: ${words}, ${incidents.length
    ? `${incidents.length} gaps, losses and repairs, listed below` : 'no gaps and no losses'}`);
  if (scale.children.length !== 3) scale.replaceChildren(...[0, 1, 2].map(() => element('span')));
  [`${span(length * 1000)} ago`, words, 'now'].forEach((text, i) => set(scale.children[i], text));
};
