import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** A process that was asked to end and has not is ended by force. */
const PATIENCE_MS = 5_000;
const LAST_WORDS = 2_000;

/** A process of ours that does what it is asked; see rpc.mjs for its end. */
export class Helper {
  #child;
  #asked = new Map();
  #number = 0;
  #said = '';

  /** @param {string} file below src @param {Record<string, string>} env on top of ours @param {string[]} execArgv of Node */
  constructor(file, env = {}, execArgv = []) {
    this.#child = fork(fileURLToPath(new URL(file, import.meta.url)), [], {
      env: { ...process.env, ...env },
      execArgv,
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#child.stderr.setEncoding('utf8').on('data', (text) => (this.#said = (this.#said + text).slice(-LAST_WORDS)));
    this.#child.on('message', ({ id, result, error }) => {
      const { resolve, reject } = this.#asked.get(id);
      this.#asked.delete(id);
      if (error === undefined) resolve(result);
      else reject(new Error(error));
    });
    this.#child.on('error', (error) => this.#fail(error.message));
    this.#child.on('close', (code, signal) => this.#fail(`${file} ended (${signal ?? code}): ${this.#said.trim()}`));
  }

  /** @param {string} method @param {...unknown} args */
  call(method, ...args) {
    const id = ++this.#number;
    return new Promise((resolve, reject) => {
      this.#asked.set(id, { resolve, reject });
      this.#child.send({ id, method, args }, (error) => error && this.#fail(`${error.message}: ${this.#said.trim()}`));
    });
  }

  async stop() {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    const impatience = setTimeout(() => this.#child.kill('SIGKILL'), PATIENCE_MS);
    await ended;
    clearTimeout(impatience);
  }

  #fail(reason) {
    for (const { reject } of this.#asked.values()) reject(new Error(reason));
    this.#asked.clear();
  }
}

/** Everything that has to be taken away again, last first. */
export class Cleanup {
  #work = [];
  #running;

  /** @param {() => unknown} work */
  add(work) {
    this.#work.unshift(work);
  }

  get isRunning() {
    return this.#running !== undefined;
  }

  /** Runs once, however often it is asked for. */
  run() {
    return (this.#running ??= this.#all());
  }

  async #all() {
    for (const work of this.#work) {
      try {
        await work();
      } catch (error) {
        console.error(`While cleaning up: ${error instanceof Error ? error.message : error}`);
      }
    }
  }
}
