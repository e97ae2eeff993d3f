import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What runs wait for when they have given people a task: the name of the event that tells of its end (R004-66). */
export class FunctionTasks1700000000342 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      create table functions.workflow_task_events (
        tenant text not null,
        task_id text not null,
        execution_id text not null,
        completion_event text not null,
        primary key (tenant, task_id)
      );
      call engine.isolate('functions.workflow_task_events', 'select, insert', 'select');
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query('drop table functions.workflow_task_events');
  }
}
