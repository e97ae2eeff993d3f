import { Injectable } from '@nestjs/common';
import type { Tx } from '../../platform/database.js';
import { refuse } from '../../platform/errors.js';
import { Settings } from '../../platform/settings.js';
import { CalendarSettings, calendarOf, hashOf, isEverOpen } from './calendar.settings.dto.js';
import type { KnownCalendar } from './sla.terms.js';

const AREA = 'workstream.calendar';

/** The tenant's working hours. */
@Injectable()
export class SlaCalendar {
  constructor(private readonly settings: Settings) {}

  read(tx: Tx): Promise<CalendarSettings> {
    return this.settings.read(tx, AREA, CalendarSettings);
  }

  /** As the arithmetic takes it. */
  async known(tx: Tx): Promise<KnownCalendar> {
    const settings = await this.read(tx);
    return { calendar: calendarOf(settings), hash: hashOf(settings) };
  }

  /** @throws WF006, also when no day of the week has hours: nothing would ever fall due */
  async write(tx: Tx, changes: object, by: string): Promise<CalendarSettings> {
    const settings = await this.settings.write(tx, AREA, CalendarSettings, changes, by);
    if (!isEverOpen(settings)) throw refuse('WF006', { detail: 'Some day of the week must have hours.' });
    return settings;
  }
}
