/** A browser for tests of the console, where the machine has one. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];

/** Where Chromium is: CHROMIUM_PATH, or on the PATH; undefined where there is none. */
export function chromiumPath(): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/bin'];
  const candidates = [
    ...(process.env['CHROMIUM_PATH'] ? [process.env['CHROMIUM_PATH']] : []),
    ...folders.flatMap((folder) => NAMES.map((name) => join(folder, name))),
  ];
  return candidates.find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** A browser that notes whatever its pages complain about. */
export class Watched {
  /** Errors and warnings of pages, content policies that were broken, and requests to anywhere else. */
  readonly complaints: string[] = [];

  private constructor(
    private readonly browser: Browser,
    private readonly origin: string,
  ) {}

  static async start(executablePath: string, origin: string): Promise<Watched> {
    return new Watched(await chromium.launch({ executablePath, args: ['--no-sandbox'] }), origin);
  }

  /** A page in a session of its own. */
  async page(width = 1280): Promise<Page> {
    const context = await this.browser.newContext({ viewport: { width, height: 900 }, reducedMotion: 'reduce' });
    const page = await context.newPage();
    page.on('console', (message) => {
      // What the service refuses, Chromium writes down as well; refusals are asked for here.
      if (message.type() === 'error' && /Failed to load resource: .* status of 4\d\d/.test(message.text())) return;
      if (['error', 'warning'].includes(message.type())) this.complaints.push(message.text());
    });
    page.on('pageerror', (error) => this.complaints.push(error.message));
    page.on('request', (request) => {
      if (!request.url().startsWith(this.origin)) this.complaints.push(`asks ${request.url()}`);
    });
    return page;
  }

  stop(): Promise<void> {
    return this.browser.close();
  }
}
