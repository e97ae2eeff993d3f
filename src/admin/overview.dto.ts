/** Instances of a lifecycle that are in a state. */
export class StateFigure {
  lifecycle!: string;
  state!: string;
  status!: string;
  count!: number;
}

/** Effects that wait to be done. */
export class EffectFigures {
  waiting!: number;
  /** Given up; somebody has to decide about them. */
  dead!: number;
  /** How long the one that waits longest has been due, seconds; 0 when none is. */
  lagSeconds!: number;
}

export class TimerFigures {
  armed!: number;
  /** Late by more than a minute. */
  overdue!: number;
  /** Given up; somebody has to decide about them. */
  dead!: number;
}

/** What providers told us. */
export class MessageFigures {
  waiting!: number;
  quarantined!: number;
  failed!: number;
}

export class Overview {
  instances!: StateFigure[];
  effects!: EffectFigures;
  timers!: TimerFigures;
  messages!: MessageFigures;
}
