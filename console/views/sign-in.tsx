import { useState, type FormEvent } from 'react';
import { Problem, whoIs } from '../api/client.js';
import { signIn } from '../api/session.js';
import { Mark } from '../parts/icons.js';

/** Asks for an API key, and keeps it once the service knows whose it is. */
export function SignIn() {
  const [key, setKey] = useState('');
  const [refusal, setRefusal] = useState<string>();
  const [isAsking, setAsking] = useState(false);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    setAsking(true);
    whoIs(key.trim())
      .then(() => signIn(key.trim()))
      .catch((error: unknown) => {
        setRefusal(error instanceof Problem ? error.message : String(error));
        setAsking(false);
      });
  };

  return (
    <main className="sign-in">
      <form className="card sign-in-card" onSubmit={submit}>
        <div className="brand">
          <Mark />
          <h1>Statewright</h1>
        </div>
        <p className="quiet">
          Sign in with an API key or a token. It is kept in this tab only, until the tab is closed.
        </p>
        <label className="field">
          <span className="field-name">API key</span>
          <input
            type="password"
            name="key"
            autoComplete="off"
            spellCheck={false}
            required
            autoFocus
            value={key}
            aria-invalid={refusal !== undefined}
            aria-describedby={refusal === undefined ? undefined : 'sign-in-refusal'}
            onChange={({ target }) => setKey(target.value)}
          />
        </label>
        {refusal === undefined ? null : (
          <p className="field-error" id="sign-in-refusal" role="alert">
            {refusal}
          </p>
        )}
        <button className="button primary wide" type="submit" disabled={isAsking || key.trim() === ''}>
          {isAsking ? 'Signing in…' : 'Sign in'}
        </button>
        <p className="quiet small">
          <code>npm start</code> prints one key for each role. Programs use the same keys:{' '}
          <a href="/api/docs">API documentation</a>.
        </p>
      </form>
    </main>
  );
}
