// The daemon and the simulator at work, with a line between them that a test can cut.
import {spawn} from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';

const PATIENCE_MS = 30000;
const TYPES = ['routing:queue:member', 'interaction:conversation', 'interaction:media', 'interaction:participant',
  'interaction:annotation'];

// Waits until `find` finds something, and returns it.
export const awaitThat = async (find, what) => {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const found = await find();
    if (found) return found;
    if (Date.now() > deadline) throw new Error(`not within ${PATIENCE_MS / 1000} s: ${what}`);
    await new Promise((resolve) => { setTimeout(resolve, 20); });
  }
};

// A child process whose output goes to a file.
class Child {
  constructor(command, args, log) {
    this.log = log;
    const out = fs.openSync(log, 'a');
    this.process = spawn(command, args, {stdio: ['ignore', out, out]});
    fs.closeSync(out);
    this.ended = new Promise((resolve) => { this.process.on('exit', resolve); });
  }

  // What stands behind `words` in its output.
  said(words) {
    return awaitThat(() => {
      if (this.process.exitCode !== null) throw new Error(`it ended: ${fs.readFileSync(this.log, 'utf8').slice(-500)}`);
      return fs.readFileSync(this.log, 'utf8').split(words)[1]?.match(/^[0-9]+(?=\D)/)?.[0];
    }, `"${words}" in ${this.log}`);
  }

  async end(signal = 'SIGTERM') {
    if (this.process.exitCode === null && this.process.signalCode === null) this.process.kill(signal);
    return this.ended;
  }
}

// TCP from a port of its own to another; cut, it has no connections and takes none.
class Line {
  constructor() {
    this.sockets = new Set();
    this.server = net.createServer((socket) => this.join(socket));
  }

  async listen() {
    await new Promise((resolve) => { this.server.listen(0, '127.0.0.1', resolve); });
    this.port = this.server.address().port;
  }

  join(socket) {
    if (this.isCut) {
      socket.destroy();
      return;
    }
    const onward = net.connect(this.target, '127.0.0.1');
    for (const end of [socket, onward]) {
      this.sockets.add(end);
      end.on('error', () => {});
      end.on('close', () => { this.sockets.delete(end); socket.destroy(); onward.destroy(); });
    }
    socket.pipe(onward).pipe(socket);
  }

  cut() {
    this.isCut = true;
    for (const socket of this.sockets) socket.destroy();
  }
  mend() { this.isCut = false; }
  end() { this.cut(); this.server.close(); }
}

// A stream "main" from a simulator with these options; the daemon answers at `url`.
export class Running {
  constructor(binaries, options) {
    this.binaries = binaries;
    this.options = options;
    this.directory = fs.mkdtempSync(path.join(os.tmpdir(), 'gcstreamd-page-'));
    this.line = new Line();
  }

  async start() {
    this.simulator = new Child(path.join(this.binaries, 'gcstream-sim'),
      ['--port', '0', '--directory', this.directory, ...this.options], path.join(this.directory, 'simulator.log'));
    this.line.target = Number(await this.simulator.said('listening on 127.0.0.1:'));
    await this.line.listen();
    this.configure('127.0.0.1:0');
    await this.startDaemon();
    this.configure(`127.0.0.1:${this.port}`);
  }

  configure(listen) {
    const server = `localhost:${this.line.port}`;
    const file = (name) => path.join(this.directory, name);
    fs.writeFileSync(file('gcstreamd.json'), JSON.stringify({
      state_dir: file('state'),
      metrics: {listen},
      streams: [{
        name: 'main', region: 'us-east-1', start_at: 0, event_types: TYPES,
        endpoints: {oauth_url: `https://${server}/oauth/token`, stream_url: `wss://${server}/api/v2/analytics/events/stream`},
        tls: {ca_file: file('ca.pem')},
        oauth: {client_id: 'demo-client', client_secret_file: file('client_secret')},
        integrity: {max_resumes_per_minute: 600},
        reconnect: {base_delay_ms: 200, max_delay_ms: 500, max_attempts: 0},
        sinks: [{type: 'file', path: file('events.ndjson')}, {type: 'audit', path: file('audit.jsonl')}],
      }],
    }));
  }

  async startDaemon() {
    this.daemon = new Child(path.join(this.binaries, 'gcstreamd'),
      ['run', '--config', path.join(this.directory, 'gcstreamd.json')], path.join(this.directory, 'daemon.log'));
    this.port = await this.daemon.said('status and metrics on http://127.0.0.1:');
    this.url = `http://127.0.0.1:${this.port}/`;
  }

  async end() {
    await this.daemon?.end();
    await this.simulator?.end();
    this.line.end();
    fs.rmSync(this.directory, {recursive: true, force: true});
  }
}
