import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What starts functions: kinds of event, the events, the workflows there are and which of them is attached to what (R004-11, R004-16, R004-20). */
export class FunctionEvents1700000000341 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    const registration = `
        registration_id text not null,
        name text not null,
        description text,
        tags text[] not null,
        status text not null check (status in ('active', 'deprecated'))`;
    const version = `
        registration_id text not null,
        version text not null,
        module text not null,                  -- the compiled function, with its version: no code is kept here
        module_version text not null,
        is_current boolean not null`;
    const kind = `
        event_type text not null,
        description text,
        payload_schema json`;
    await db.query(`
      alter table functions.workflow_executions add column depth int not null default 0;

      -- What the product brings; written by the service when it starts.
      create table functions.system_workflow_registrations (${registration}, primary key (registration_id));
      create table functions.system_workflow_registration_versions (${version},
        primary key (registration_id, version),
        foreign key (registration_id) references functions.system_workflow_registrations on delete restrict);
      create unique index system_workflow_current on functions.system_workflow_registration_versions (registration_id) where is_current;
      create table functions.system_event_catalog (${kind}, primary key (event_type));
      grant select on functions.system_workflow_registrations, functions.system_workflow_registration_versions, functions.system_event_catalog
        to statewright_app;
      grant select, insert, update on functions.system_workflow_registrations, functions.system_workflow_registration_versions,
        functions.system_event_catalog to statewright_system;

      create table functions.workflow_registrations (
        tenant text not null,
        ${registration},
        created_by text not null,
        created_at timestamptz not null,
        primary key (tenant, registration_id),
        unique (tenant, name)
      );
      call engine.isolate('functions.workflow_registrations', 'select, insert, update', 'select');
      create table functions.workflow_registration_versions (
        tenant text not null,
        ${version},
        created_by text not null,
        created_at timestamptz not null,
        primary key (tenant, registration_id, version),
        foreign key (tenant, registration_id) references functions.workflow_registrations on delete restrict
      );
      create unique index workflow_current on functions.workflow_registration_versions (tenant, registration_id) where is_current;
      call engine.isolate('functions.workflow_registration_versions', 'select, insert, update', 'select');

      create table functions.event_catalog (
        tenant text not null,
        ${kind},
        created_by text not null,
        created_at timestamptz not null,
        primary key (tenant, event_type)
      );
      call engine.isolate('functions.event_catalog', 'select, insert, update', 'select');

      create table functions.workflow_event_attachments (
        tenant text not null,
        attachment_id text not null,
        event_type text not null,
        workflow_id text not null,             -- a registration, the product's or the tenant's
        is_active boolean not null,
        created_by text not null,
        created_at timestamptz not null,
        primary key (tenant, attachment_id),
        unique (tenant, event_type, workflow_id)
      );
      call engine.isolate('functions.workflow_event_attachments', 'select, insert, update, delete', 'select');

      create table functions.workflow_events (
        tenant text not null,
        event_id text not null,
        event_type text not null,
        event_name text not null,
        payload json not null,
        user_id text,
        correlation_id text not null,
        depth int not null,                    -- how many runs stand between it and what happened by itself
        created_at timestamptz not null,
        primary key (tenant, event_id)
      );
      create index workflow_events_newest on functions.workflow_events (tenant, created_at desc, event_id desc);
      call engine.isolate('functions.workflow_events', 'select, insert', 'select');

      -- A redelivered event starts nothing new (R004-24).
      create table functions.workflow_event_processing (
        tenant text not null,
        event_id text not null,
        workflow_id text not null,
        execution_id text not null,
        created_at timestamptz not null,
        primary key (tenant, event_id, workflow_id)
      );
      call engine.isolate('functions.workflow_event_processing', 'select, insert', 'select');
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(`
      alter table functions.workflow_executions drop column depth;
      drop table functions.workflow_event_processing, functions.workflow_events, functions.workflow_event_attachments, functions.event_catalog,
        functions.workflow_registration_versions, functions.workflow_registrations, functions.system_event_catalog,
        functions.system_workflow_registration_versions, functions.system_workflow_registrations`);
  }
}
