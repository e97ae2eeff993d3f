/** A version of the proposal of a pursuit (R001-9). */
export class ProposalView {
  proposal_id!: number;
  org_id!: number;
  pursuit_id!: number;
  version!: number;
  /** Key of the document in the store, or the address of one elsewhere; null until one is drawn up. */
  doc_id!: string | null;
  status!: 'draft' | 'sent' | 'signed' | 'void';
  sent_at!: Date | null;
  /** When the prospect's mail server took it; null when it went by other ways. */
  mailed_at!: Date | null;
  signed_at!: Date | null;
  voided_at!: Date | null;
  /** Why it counts no more. */
  void_reason!: string | null;
  created_at!: Date;
}

/** The versions of a proposal, newest first. */
export class ProposalList {
  data!: ProposalView[];
}
