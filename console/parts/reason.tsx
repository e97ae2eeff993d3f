import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useId, useState, type ReactNode } from 'react';
import { Dialog } from './dialog.js';
import { Trouble } from './states.js';

/** As long as the service wants it: whoever reads the audit later has nothing else. */
const SHORTEST = 20;

interface Asked {
  title: string;
  /** What the button says. */
  action: string;
  work: (reason: string) => Promise<unknown>;
  onClose: () => void;
  isDangerous?: boolean;
  children?: ReactNode;
}

/** Asks for the reason of something that goes into the audit, and does it. */
export function ReasonDialog({ title, action, work, onClose, isDangerous = false, children }: Asked) {
  const cache = useQueryClient();
  const [reason, setReason] = useState('');
  const id = useId();
  const doing = useMutation({
    mutationFn: () => work(reason.trim()),
    onSuccess: () => onClose(),
    onSettled: () => cache.invalidateQueries(),
  });
  return (
    <Dialog title={title} onClose={onClose}>
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          doing.mutate();
        }}
      >
        {children}
        <ReasonField id={id} reason={reason} onChange={setReason} />
        {doing.isError ? <Trouble error={doing.error} /> : null}
        <div className="row end">
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button
            type="submit"
            className={isDangerous ? 'button danger' : 'button primary'}
            disabled={doing.isPending || !isReason(reason)}
          >
            {action}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

export const isReason = (reason: string): boolean => reason.trim().length >= SHORTEST;

export function ReasonField({
  id,
  reason,
  onChange,
}: {
  id: string;
  reason: string;
  onChange: (reason: string) => void;
}) {
  return (
    <div className="field">
      <label className="field-name" htmlFor={id}>
        Reason
      </label>
      <textarea
        id={id}
        rows={3}
        maxLength={1_000}
        value={reason}
        aria-describedby={`${id}-help`}
        onChange={({ target }) => onChange(target.value)}
      />
      <span className="field-help" id={`${id}-help`}>
        At least {SHORTEST} characters; it stays in the audit. {reason.trim().length}/{SHORTEST}
      </span>
    </div>
  );
}
