import { useExplanations } from '../../api/queries.js';
import type { ExplainedEvent, InstanceAnswer } from '../../api/schema.js';
import { Answer } from '../../parts/states.js';
import { WhyNot } from '../../parts/why-not.js';

const WORDS: Readonly<Record<string, readonly [text: string, tone: string]>> = {
  ALLOWED: ['would be taken', 'good'],
  GUARDS_REFUSED: ['a condition does not hold', 'bad'],
  WITHHELD: ['not told', 'warn'],
  FORBIDDEN_IN_STATE: ['refused on purpose', 'bad'],
  SENDER_REFUSED: ['not yours to send', 'warn'],
  EVENT_NOT_HANDLED_IN_STATE: ['not answered here', ''],
  INSTANCE_DONE: ['it has ended', ''],
  INSTANCE_PAUSED: ['it is paused', 'warn'],
  INSTANCE_QUARANTINED: ['in quarantine', 'bad'],
};
const ORDER = Object.keys(WORDS);

/** Each event of the lifecycle with why it would be taken or refused right now. */
export function Explain({ instance: { id, revision } }: { instance: InstanceAnswer }) {
  const explanations = useExplanations(id, revision);
  return (
    <Answer of={explanations}>
      {(all) => {
        const sorted = [...all].sort((a, b) => ORDER.indexOf(a.verdict) - ORDER.indexOf(b.verdict));
        const near = sorted.filter(({ verdict }) => verdict !== 'EVENT_NOT_HANDLED_IN_STATE');
        const far = sorted.filter(({ verdict }) => verdict === 'EVENT_NOT_HANDLED_IN_STATE');
        return (
          <div className="stack">
            <p className="quiet">
              As you, with an empty payload, on the facts of this moment. {near.length} of {all.length} events are
              answered in this state.
            </p>
            <List of={near} />
            {far.length === 0 ? null : (
              <details>
                <summary>{far.length} events that this state does not answer to</summary>
                <p>
                  {far.map(({ event }) => (
                    <code className="chip" key={event}>
                      {event}
                    </code>
                  ))}
                </p>
              </details>
            )}
          </div>
        );
      }}
    </Answer>
  );
}

function List({ of }: { of: readonly ExplainedEvent[] }) {
  return (
    <ul className="stack tight">
      {of.map((explanation) => {
        const [words, tone] = WORDS[explanation.verdict] ?? [explanation.verdict, ''];
        return (
          <li key={explanation.event}>
            <details className="explained" open={explanation.verdict === 'GUARDS_REFUSED'}>
              <summary>
                <code>{explanation.event}</code> <span className={`badge ${tone}`}>{words}</span>
              </summary>
              <WhyNot explanation={explanation} />
            </details>
          </li>
        );
      })}
    </ul>
  );
}
