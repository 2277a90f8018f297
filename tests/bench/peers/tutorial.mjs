// What the tutorial's program does with each message, by the `ws` package: parse, check the
// sequence, write the event and an audit line.
//   node tutorial.mjs URL CA_FILE EVENTS_FILE AUDIT_FILE
import { createWriteStream, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(process.env.BENCH_MODULES ?? import.meta.url);
const WebSocket = require('ws');
const [url, ca, eventsFile, auditFile] = process.argv.slice(2);
const events = createWriteStream(eventsFile, { flags: 'a' });
const audit = createWriteStream(auditFile, { flags: 'a' });
let last = null;

function record(type, fields) {
  audit.write(JSON.stringify({ ts: new Date().toISOString(), stream: 'main', type, ...fields }) + '\n');
}

function onMessage(data) {
  let event;
  try {
    event = JSON.parse(data);
  } catch (error) {
    record('json_parse_error', { error: error.message });
    return;
  }
  if (event.type === 'heartbeat')
    return;
  const number = event.sequenceNumber;
  if (last !== null && number !== last + 1)
    record('sequence_gap_detected', { expected: last + 1, received: number });
  last = number;
  events.write(JSON.stringify(event) + '\n');
  record('event_received', { eventType: event.eventType, sequenceNumber: number });
}

const socket = new WebSocket(url, { ca: readFileSync(ca), perMessageDeflate: false });
socket.on('open', () => socket.send(JSON.stringify({ type: 'interaction', id: '1', bufferSize: 500 })));
socket.on('message', onMessage);
socket.on('error', (error) => console.error(error.message));
socket.on('close', () => process.exit(0));
