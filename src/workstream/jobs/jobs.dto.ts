/** Work on many rows, and how far it is. */
export class JobView {
  job_id!: string;
  task!: 'spotlight.rescore' | 'sla.reconcile' | 'signals.import';
  /** What it is about. */
  params!: object;
  status!: 'working' | 'done' | 'cancelled' | 'failed';
  /** Rows there were to begin with. */
  total!: number;
  processed!: number;
  /** Of those processed. */
  failed!: number;
  /** 0 to 100. */
  progress_pct!: number;
  /** Why it failed, or null. */
  error!: string | null;
  created_at!: string;
  updated_at!: string;
}

/** Answer of what starts a job. */
export class JobStarted {
  job_id!: string;
  /** Where to ask how far it is. */
  href!: string;
}
