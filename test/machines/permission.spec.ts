import { maySend } from '../../src/engine/core/permission.js';

describe('who may send an event', () => {
  const rule = { from: ['creator', 'operator', 'webhook:stripe'], label: 'Decide' };
  const parties = { creator: 'usr_creator' };
  const sender = (id: string, ...roles: string[]) => ({ id, roles });

  it.each<[string, boolean, ReturnType<typeof sender>, string?]>([
    ['the creator of this instance may', true, sender('usr_creator', 'creator')],
    ['the creator of another instance may not, though he has the role', false, sender('usr_other', 'creator')],
    ['anybody with a role that is no party may', true, sender('usr_op', 'operator')],
    ['a stranger may not', false, sender('usr_x', 'viewer')],
    ['the source that is named may', true, sender('system:stripe'), 'webhook:stripe'],
    ['another source may not', false, sender('system:docusign'), 'webhook:docusign'],
    ['a source does not borrow a role', false, sender('system:stripe', 'operator'), 'webhook:docusign'],
    ['a user whose role looks like a source may not', false, sender('usr_x', 'webhook:stripe')],
  ])('%s', (_, allowed, who, source = undefined) => expect(maySend(rule, parties, who, source)).toBe(allowed));

  it('takes a party name for a role where the instance has no such party', () =>
    expect(maySend(rule, {}, sender('usr_any', 'creator'))).toBe(true));

  it('takes a party that is a role for everybody with that role, and for nobody else', () => {
    const among = (who: ReturnType<typeof sender>) =>
      maySend({ ...rule, from: ['creator'] }, { creator: 'role:legal' }, who);
    expect(among(sender('usr_lawyer', 'sales', 'legal'))).toBe(true);
    expect(among(sender('usr_creator', 'creator'))).toBe(false);
    expect(among(sender('role:legal', 'creator'))).toBe(false);
  });
});
