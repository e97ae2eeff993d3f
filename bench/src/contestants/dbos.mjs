import { Helper } from '../processes.mjs';
import { query } from '../postgres.mjs';
import { INSTANCES } from '../product/start.mjs';

const AT_ONCE = 16;
const PIPELINES = 1_000;
const PIPELINES_AT_ONCE = 100;

const measures = {
  'dbos.message': (peer, seconds) => peer.call('messages', { concurrency: AT_ONCE, seconds }),
  'dbos.workflow': (peer, seconds) => peer.call('workflows', { concurrency: AT_ONCE, seconds }),
  'dbos.pipeline': (peer) => peer.call('pipelines', PIPELINES, PIPELINES_AT_ONCE),
};

export const dbosGroup = {
  name: 'dbos',
  warms: true,
  part: 'peers',
  optional: true,
  contestants: [
    { name: 'dbos.message', label: 'DBOS, messages to workflows', seconds: 3 },
    { name: 'dbos.workflow', label: 'DBOS, a workflow for each event', seconds: 3 },
    { name: 'dbos.pipeline', label: 'DBOS, pipeline of three steps', seconds: 4 },
  ],
  open: async ({ server, cleanup }) => {
    const [url, system] = [await server.database('dbos'), await server.database('dbos_system')];
    const peer = new Helper('peers/dbos.mjs', { PEER_URL: url, PEER_SYSTEM_URL: system });
    cleanup.add(() => peer.stop());
    await peer.call('open', INSTANCES);
    await query(url, 'analyze');
    return {
      run: ({ name }, seconds) => measures[name](peer, seconds),
      close: async () => {
        await peer.stop();
        await server.drop('dbos');
        await server.drop('dbos_system');
      },
    };
  },
};
