import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Instances and the history that proves how each came to be where it is. */
export class Instances1700000000030 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table engine.definitions (
        lifecycle text not null,
        version int not null,
        fingerprint text not null,
        description jsonb not null,
        published_at timestamptz not null default clock_timestamp(),
        primary key (lifecycle, version)
      );
      grant select on engine.definitions to statewright_app;
      grant select, insert, update on engine.definitions to statewright_system;

      create table engine.instances (
        tenant text not null,
        id text not null,
        lifecycle text not null,
        version int not null,
        fingerprint text not null,
        status text not null check (status in ('active', 'done', 'failed', 'paused', 'quarantined')),
        state text not null,
        phase text,
        tags text[] not null,
        snapshot json not null,              -- json, not jsonb: it keeps the order of the keys, which a restore depends on
        revision bigint not null,            -- seq of the last history row
        head_hash text not null,             -- hash of the last history row
        parties jsonb not null,              -- { investor: 'inv_1', creator: 'usr_2' }
        keys jsonb not null default '{}',    -- business keys: { pitchId: 'pitch_1' }
        compensation text not null default 'none' check (compensation in ('none', 'pending', 'done', 'error')),
        parent jsonb,
        created_at timestamptz not null,
        updated_at timestamptz not null,
        primary key (tenant, id)
      ) with (fillfactor = 80);
      -- None of these holds what a transition changes: only then can Postgres update the row in place of all its index entries.
      create index instances_newest on engine.instances (tenant, created_at desc, id desc);
      create index instances_by_id on engine.instances (id);  -- messages from providers may name the instance only
      create index instances_by_lifecycle on engine.instances (tenant, lifecycle, created_at desc, id desc);
      create index instances_halted on engine.instances (tenant, id) where status in ('paused', 'quarantined');
      -- Whoever is a party, in whatever role.
      create index instances_by_party on engine.instances using gin (jsonb_path_query_array(parties, '$.*') jsonb_path_ops);
      call engine.isolate('engine.instances', 'select, insert, update', 'select');

      create table engine.history (
        tenant text not null,
        instance_id text not null,
        seq bigint not null,
        kind text not null check (kind in ('start', 'event', 'timer', 'effect-result', 'webhook', 'force', 'migrate', 'pause', 'resume', 'compensated')),
        type text not null,
        payload json not null,
        facts json not null,
        from_state text,
        to_state text not null,
        phase text,
        actor text not null,
        roles text[] not null,
        cause text not null,                 -- what brought it about: request, timer:<id>, effect:<key>, webhook:<provider>:<id>, admin
        correlation_id text not null,
        idempotency_key text,
        at timestamptz not null,
        hash text not null,
        prev_hash text not null,
        primary key (tenant, instance_id, seq)
      );
      create unique index history_idempotency on engine.history (tenant, instance_id, idempotency_key) where idempotency_key is not null;
      create index history_time on engine.history (tenant, at);
      call engine.isolate('engine.history', 'select, insert', 'select');
      create trigger append_only before update or delete on engine.history for each row execute function engine.refuse_change();
      create trigger no_truncate before truncate on engine.history for each statement execute function engine.refuse_change();

      -- The answer given to a key, for ever. Scope: an instance id, or the route that creates something.
      create table engine.idempotency (
        tenant text not null,
        scope text not null,
        key text not null,
        request_hash text not null,
        answer json not null,
        created_at timestamptz not null default clock_timestamp(),
        primary key (tenant, scope, key)
      );
      call engine.isolate('engine.idempotency', 'select, insert', 'select');

      -- Events whose decision threw: nothing was changed, but nobody shall have to guess why.
      create table engine.failures (
        tenant text not null,
        instance_id text not null,
        id bigint generated always as identity,
        type text not null,
        state text not null,
        error jsonb not null,
        correlation_id text not null,
        at timestamptz not null,
        primary key (tenant, instance_id, id)
      );
      call engine.isolate('engine.failures', 'select, insert', 'select, delete');

      -- What administrators did, and why.
      create table engine.audit (
        tenant text not null,
        id bigint generated always as identity,
        at timestamptz not null,
        actor text not null,
        action text not null,
        target text not null,
        reason text not null,
        details jsonb not null,
        primary key (tenant, id)
      );
      call engine.isolate('engine.audit', 'select, insert', 'select, insert');
      create trigger append_only before update or delete on engine.audit for each row execute function engine.refuse_change();
      create trigger no_truncate before truncate on engine.audit for each statement execute function engine.refuse_change();
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(
      'drop table engine.audit, engine.failures, engine.idempotency, engine.history, engine.instances, engine.definitions',
    );
  }
}
