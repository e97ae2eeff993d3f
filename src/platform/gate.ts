/** A part of the places, and no more, is for one tenant: the others always find room. */
const SHARE = 3 / 4;

/** Why nobody gets in: everything is taken, or everything that one tenant may take. */
export type Full = 'full' | 'share';

/** A number of places that are taken and given back. Whoever finds none is turned away: there is no queue in front of it. */
export class Gate {
  private inside = 0;
  /** Places by tenant; whoever has none is not in it, so it is never longer than there are places. */
  private readonly ofTenant = new Map<string, number>();

  constructor(readonly places: number) {}

  get taken(): number {
    return this.inside;
  }

  /** Takes a place. Answers false when there is none. */
  enter(): boolean {
    if (this.inside >= this.places) return false;
    this.inside += 1;
    return true;
  }

  /** Puts a place that was taken on a tenant's account. Answers false when the tenant has its share already. */
  charge(tenant: string): boolean {
    const has = this.ofTenant.get(tenant) ?? 0;
    if (has >= Math.ceil(this.places * SHARE)) return false;
    this.ofTenant.set(tenant, has + 1);
    return true;
  }

  /** Gives a place back. @param tenant on whose account it was */
  leave(tenant: string | undefined): void {
    this.inside -= 1;
    if (tenant === undefined) return;
    const has = (this.ofTenant.get(tenant) ?? 1) - 1;
    if (has > 0) this.ofTenant.set(tenant, has);
    else this.ofTenant.delete(tenant);
  }
}
