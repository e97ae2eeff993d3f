/** Where the stand-ins of a data folder listen, so that commands beside the service find them. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const fileIn = (dataDir: string): string => join(dataDir, 'sandbox', 'url');

export const keepAddress = (dataDir: string, url: string): void => writeFileSync(fileIn(dataDir), url);

/** The address that was last kept; undefined when none ever was. */
export function keptAddress(dataDir: string): string | undefined {
  try {
    return readFileSync(fileIn(dataDir), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
