// Values into words. Nothing here touches the page.

const STATES = {
  idle: ['not started', ''], held: ['held until a required sink can be written', 'bad'],
  waiting: ['waiting to reconnect', ''], authorizing: ['fetching a token', ''], dialing: ['connecting', ''],
  streaming: ['receiving', 'good'], closing: ['reconnecting', ''], stopping: ['stopping', ''],
  ended: ['gave up, a reload starts it again', 'bad'],
};

const NONE = '–';
const known = (value) => value !== null && value !== undefined;
const count = (value) => known(value) ? Number(value).toLocaleString('en') : NONE;
const short = (value) => known(value) ? Number(value).toLocaleString('en', {maximumSignificantDigits: 3}) : NONE;
const duration = (ms) => !known(ms) ? NONE : ms < 1000 ? `${short(ms)} ms` : `${short(ms / 1000)} s`;

const span = (ms) => {
  const s = Math.max(0, Math.floor(ms / 1000));
  const two = (large, unit, small, next) => small ? `${large} ${unit} ${small} ${next}` : `${large} ${unit}`;
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min`;
  if (s < 86400) return two(Math.floor(s / 3600), 'h', Math.floor(s % 3600 / 60), 'min');
  return two(Math.floor(s / 86400), 'd', Math.floor(s % 86400 / 3600), 'h');
};
const ago = (time, now) => !time ? NONE : now - Date.parse(time) < 1000 ? 'now' : `${span(now - Date.parse(time))} ago`;
const clock = (time) => time.slice(0, 19).replace('T', ' ');

const bytes = (value) => {
  if (!known(value)) return NONE;
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
  let unit = 0;
  for (; value >= 1024 && unit + 1 < units.length; ++unit) value /= 1024;
  return `${value.toFixed(unit && value < 100 ? 1 : 0)} ${units[unit]}`;
};

const counts = (byLabel) => {
  const all = Object.entries(byLabel).filter(([, value]) => value > 0).map(([label, value]) => `${label} ${count(value)}`);
  return all.length ? all.join(', ') : 'none';
};

const times = ({from, to}) => `${clock(from)} to ${clock(to)}`;
const numbers = ({from, to}) => typeof from === 'string' ? times({from, to}) : !known(to) ? `from ${count(from)} on` : from === to ? count(from) : `${count(from)} to ${count(to)}`;

const events = (number) => `${count(number)} ${number === 1 ? 'event' : 'events'}`;
const plain = (name) => name && name.replaceAll('_', ' ');

// What an incident's record says, as [what, details].
const WORDS = {
  events_lost: (f) => [`Lost: ${numbers(f)}`, [known(f.count) && events(f.count), plain(f.cause), f.sink && `sink ${f.sink}`]],
  sequence_gap_detected: (f) => [`Gap: ${count(f.missing)} missing`, [`${count(f.expected)} expected, ${count(f.received)} received`]],
  sequence_gap_filled: (f) => [`Gap filled: ${numbers(f)}`, []],
  duplicate_suppressed: (f) => [`Duplicates left out: ${numbers(f)}`, []],
  coverage_gap: (f) => [`Not heard: ${times(f)}`, [plain(f.cause)]],
  coverage_gap_filled: (f) => [`Filled in: ${times(f)}`, [`${count(f.recovered)} records recovered`]],
  sequence_reset: (f) => [`Numbers began anew: ${count(f.received)} after ${count(f.previous)}`, [plain(f.cause)]],
};
const titled = (type) => type.charAt(0).toUpperCase() + plain(type).slice(1);
const otherFields = (fields) => Object.entries(fields).filter(([key]) => key !== 'hint')
  .map(([key, value]) => key === 'error' ? value : `${key} ${Array.isArray(value) ? value.join(', ') : known(value) ? value : 'unknown'}`);
const describe = ({type, fields}) => {
  const [what, details] = WORDS[type] ? WORDS[type](fields) : [titled(type), otherFields(fields)];
  return [what, details.filter(Boolean).join(', ')];
};
// The same, one after the other, once.
const merged = (incidents) => incidents.reduce((list, incident) => {
  const last = list[list.length - 1];
  const same = last && last.type === incident.type && JSON.stringify(last.fields) === JSON.stringify(incident.fields);
  if (same) list.pop();
  list.push(same ? {...incident, first: last.first, count: last.count + incident.count} : incident);
  return list;
}, []);
