import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who is behind a signal: the cluster of its address or number, found or made in one round trip. */
export class Clusters1700000000201 implements MigrationInterface {
  async up(db: QueryRunner): Promise<void> {
    await db.query(`
      -- The cluster that holds a key, made when there is none. Two signals with the same new key at once: the second waits for the
      -- first one's row and takes its cluster.
      create function workstream.cluster_of_key(kind_ text, value_ text, proposed bigint) returns bigint language plpgsql as $$
      declare
        known bigint;
        made bigint := proposed;
      begin
        select k.cluster_id into known from workstream.canonical_identity_keys k
         where k.tenant = engine.tenant() and k.kind = kind_ and k.value = value_;
        if known is not null then return known; end if;
        if made is null then
          insert into workstream.signal_clusters (tenant, algo, params_json, created_at)
          values (engine.tenant(), 'normalized_identity', jsonb_build_object('kind', kind_), engine.now()) returning cluster_id into made;
        end if;
        insert into workstream.canonical_identity_keys as k (tenant, kind, value, cluster_id, created_at)
        values (engine.tenant(), kind_, value_, made, engine.now())
        on conflict (tenant, kind, value) do update set value = excluded.value returning k.cluster_id into known;
        if known <> made and proposed is null then
          delete from workstream.signal_clusters where tenant = engine.tenant() and cluster_id = made;
        end if;
        return known;
      end $$;

      -- The cluster of an address and a number; when they belong to two, the address wins and the other is told.
      create function workstream.cluster_of(email_ text, phone_ text, domain_ text, out cluster_id bigint, out other_cluster_id bigint)
      language plpgsql as $$
      begin
        if email_ is not null then cluster_id := workstream.cluster_of_key('email', email_, null); end if;
        if phone_ is not null then
          other_cluster_id := workstream.cluster_of_key('phone', phone_, cluster_id);
          cluster_id := coalesce(cluster_id, other_cluster_id);
        end if;
        -- People of one company are not one person: the domain counts only where nothing says more.
        if cluster_id is null and domain_ is not null then cluster_id := workstream.cluster_of_key('domain', domain_, null); end if;
        if other_cluster_id = cluster_id then other_cluster_id := null; end if;
      end $$;
      grant execute on function workstream.cluster_of_key(text, text, bigint), workstream.cluster_of(text, text, text) to statewright_app;
    `);
  }

  async down(db: QueryRunner): Promise<void> {
    await db.query(
      'drop function workstream.cluster_of(text, text, text), workstream.cluster_of_key(text, text, bigint)',
    );
  }
}
