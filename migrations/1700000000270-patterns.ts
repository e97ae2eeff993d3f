import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Patterns over events: what they are, what they have seen, what they have found. */
export class Patterns1700000000270 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table automation.patterns (
        tenant text not null,
        id text not null,
        name text not null,
        description text,
        is_enabled boolean not null,
        workflow_id text not null,
        type text not null check (type in ('event', 'sql', 'sequence', 'threshold', 'anomaly')),
        event_types text[] not null,          -- what it waits for: names, or the beginning of one and '*'; none for sql
        pattern jsonb not null,
        version int not null default 1,       -- of pattern and workflow
        triggered_count bigint not null default 0,
        last_triggered timestamptz,
        watching_since timestamptz not null,  -- since when it has seen every event that it waits for
        next_at timestamptz,                  -- when it is looked at without an event
        last_error text,                      -- why it could not be looked at when it was last due
        owner_id text not null,               -- who wrote it last, and with whose rights it starts what it starts
        owner_roles text[] not null,
        created_at timestamptz not null,
        updated_at timestamptz not null,
        primary key (tenant, id)
      );
      create index patterns_made on automation.patterns (tenant, created_at, id);
      create index patterns_awaiting on automation.patterns (tenant) where is_enabled and event_types <> '{}';
      create index patterns_due on automation.patterns (next_at) where is_enabled and next_at is not null;
      call engine.isolate('automation.patterns', 'select, insert, update, delete', 'select');

      create table automation.pattern_versions (
        tenant text not null,
        pattern_id text not null,
        version int not null,
        pattern jsonb not null,
        workflow_id text not null,
        made_by text not null,
        made_at timestamptz not null,
        primary key (tenant, pattern_id, version)
      );
      call engine.isolate('automation.pattern_versions', 'select, insert', 'select');

      -- The events that some pattern waits for. It is also the mark that an event has been matched: it is matched once.
      create table automation.pattern_events (
        tenant text not null,
        event_id text not null,
        type text not null,
        source text not null,
        user_id text,
        session_id text,
        happened_at timestamptz not null,
        data jsonb not null,
        metadata jsonb not null,
        matched_at timestamptz,               -- null: it happened before anybody waited for it
        primary key (tenant, event_id)
      );
      create index pattern_events_type on automation.pattern_events (tenant, type, happened_at);
      create index pattern_events_age on automation.pattern_events (happened_at);
      call engine.isolate('automation.pattern_events', 'select, insert, update', 'select, update, delete');

      -- How far a version of a pattern has come, for each group or correlation of events that it keeps apart.
      create table automation.pattern_states (
        tenant text not null,
        pattern_id text not null,
        version int not null,
        key text not null,                    -- SHA-256 of the group
        state jsonb not null,
        updated_at timestamptz not null,
        primary key (tenant, pattern_id, version, key)
      );
      create index pattern_states_age on automation.pattern_states (updated_at);
      call engine.isolate('automation.pattern_states', 'select, insert, update, delete', 'select, update, delete');

      create table automation.pattern_matches (
        tenant text not null,
        match_id bigint generated always as identity,
        pattern_id text not null,
        version int not null,
        match_key text not null,              -- what it is about: one thing starts one execution
        workflow_id text not null,
        execution_id text,
        outcome text not null check (outcome in ('started', 'workflow_unavailable')),
        events jsonb not null,                -- what was matched, as it was
        detail jsonb not null,                -- what was measured
        matched_at timestamptz not null,
        primary key (tenant, match_id),
        unique (tenant, pattern_id, version, match_key)
      );
      create index pattern_matches_list on automation.pattern_matches (tenant, pattern_id, match_id);
      create index pattern_matches_age on automation.pattern_matches (matched_at);
      call engine.isolate('automation.pattern_matches', 'select, insert', 'select, update, delete');

      -- A delivered event is told to patterns when its tenant has one that waits for events.
      create function automation.has_patterns() returns trigger language plpgsql as $$
      begin
        perform from automation.patterns p where p.tenant = new.tenant and p.is_enabled and p.event_types <> '{}' limit 1;
        return case when found then new end;
      end $$;
      create trigger has_patterns before insert on engine.outbox for each row
        when (new.type = 'patterns.match') execute function automation.has_patterns();
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`
      drop trigger has_patterns on engine.outbox;
      drop function automation.has_patterns();
      drop table automation.pattern_matches, automation.pattern_states, automation.pattern_events, automation.pattern_versions, automation.patterns;
    `);
  }
}
