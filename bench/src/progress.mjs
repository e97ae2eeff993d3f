import { MultiBar, Presets } from 'cli-progress';

/** Shows what is running and how much of the estimated time is left; on a pipe, one line for each step. */
export class Progress {
  #bars = new MultiBar(
    { format: '{bar} {percentage}% | {took} of about {total} s | {label}', hideCursor: true, clearOnComplete: true },
    Presets.shades_classic,
  );
  #bar;
  #done = 0;
  #began = performance.now();
  #cleanup;

  /** @param {number} seconds estimated for everything @param {import('./processes.mjs').Cleanup} cleanup once it runs, nothing is begun */
  constructor(seconds, cleanup) {
    this.#cleanup = cleanup;
    if (process.stderr.isTTY) this.#bar = this.#bars.create(Math.ceil(seconds), 0, { label: '', took: 0 });
  }

  /** Does one thing. @throws once it was all stopped. @template T @param {string} label @param {number} seconds what it was estimated to take @param {() => Promise<T>} work */
  async step(label, seconds, work) {
    if (this.#cleanup.isRunning) throw new Error('stopped');
    const show = () => this.#bar?.update(Math.floor(this.#done), { label, took: this.#took });
    if (this.#bar) show();
    else console.error(`${this.#took} s  ${label}`);
    const ticking = setInterval(show, 1_000);
    try {
      return await work();
    } finally {
      clearInterval(ticking);
      this.#done += seconds;
    }
  }

  stop() {
    this.#bars.stop();
  }

  get #took() {
    return Math.round((performance.now() - this.#began) / 1000);
  }
}
