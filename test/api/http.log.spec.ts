import { FrameworkLog, Log, logTransition } from '../../src/platform/logger.js';

const lines: string[] = [];
const log = new Log('debug', { write: (line: string) => void lines.push(line) });
const last = () => JSON.parse(lines.at(-1) ?? '{}') as Record<string, unknown>;

describe('the log', () => {
  it('writes a transition with everything R000-6 asks for', () => {
    const transition = {
      workflowInstanceId: 'wf_1',
      lifecycle: 'investment',
      tenant: 'demo',
      trigger: 'creator-decision',
      fromState: 'NEGOTIATION',
      toState: 'TERM_SHEET',
      duration: 12,
      correlationId: 'corr-1',
    };
    logTransition(log, transition);
    expect(last()).toEqual({
      timestamp: expect.stringMatching(/^\d{4}-.*Z$/),
      level: 'info',
      event: 'state_transition',
      ...transition,
    });
  });

  it.each([
    ['a header', { headers: { authorization: 'Bearer abcdefgh12345' } }],
    ['a field', { client_secret: 'abcdefgh12345' }],
    ['a nested field', { config: { smtp: { password: 'abcdefgh12345' } } }],
    ['an API key in a text', { note: 'used sw_abcdefgh12345abcdefgh12345' }],
    ['a bearer token in a text', { note: 'sent Bearer abcdefgh12345' }],
    ['a JWT in a text', { note: 'got eyJhbGciOiJI.eyJabcdefgh12345.abcdefgh12345' }],
    ['a provider key in a text', { note: 'Invalid key: sk_test_abcdefgh12345' }],
    ['the password of an address', { note: 'postgres://app:abcdefgh12345@db.internal/app' }],
  ])('keeps secrets out: %s', (_, fields) => {
    log.info('something', fields);
    expect(lines.at(-1)).not.toContain('abcdefgh12345');
    expect(lines.at(-1)).toContain('[hidden]');
  });

  it('tells an error with its stack, and Nest in the same format', () => {
    log.error('request_failed', new Error('it broke'), { correlationId: 'corr-2' });
    expect(last()).toMatchObject({
      level: 'error',
      event: 'request_failed',
      correlationId: 'corr-2',
      error: { message: 'it broke', stack: expect.any(String) },
    });
    new FrameworkLog(log).log('Mapped {/x, GET} route', 'RouterExplorer');
    expect(last()).toMatchObject({ level: 'debug', event: 'framework', context: 'RouterExplorer' });
  });
});
