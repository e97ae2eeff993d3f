/** A primary and a standby that confirms every commit, made with the Postgres that is installed on this machine. */
import { spawnSync } from 'node:child_process';
import { appendFileSync, chownSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { freePort } from '../../dist/src/platform/free.port.js';
import { serverUser } from '../../dist/src/platform/postgres/user.js';

const NEEDED = ['initdb', 'pg_ctl', 'pg_basebackup'];
const USER = 'statewright';
const PASSWORD = 'failover';

/** The folder with the programs, of the newest version; undefined when they are not installed. The embedded Postgres has no pg_basebackup. */
export function findPrograms() {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [
    ...versions.map((version) => join(debian, version, 'bin')),
    ...(process.env.PATH ?? '').split(delimiter),
  ];
  return folders.find((folder) => NEEDED.every((program) => existsSync(join(folder, program))));
}

/** Starts both; resolves once the standby confirms commits. */
export async function startPair(programs, home) {
  const user = serverUser();
  const own = (path) => user.uid !== undefined && chownSync(path, user.uid, user.gid);
  const [primary, standby] = [
    { folder: join(home, 'primary'), port: await freePort() },
    { folder: join(home, 'standby'), port: await freePort() },
  ];
  own(home);
  const run = (program, ...args) => {
    const { status, stderr, stdout } = spawnSync(join(programs, program), args, {
      ...(user.uid !== undefined && { uid: user.uid, gid: user.gid }),
      env: { ...process.env, PGPASSWORD: PASSWORD },
      cwd: home,
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`${program} failed: ${stderr || stdout}`);
  };
  const start = ({ folder, port }) =>
    run(
      'pg_ctl',
      '-D',
      folder,
      '-o',
      `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=`,
      '-l',
      `${folder}.log`,
      '-w',
      'start',
    );

  const secret = join(home, 'password');
  writeFileSync(secret, PASSWORD);
  own(secret);
  run(
    'initdb',
    '-D',
    primary.folder,
    '-U',
    USER,
    '--pwfile',
    secret,
    '--auth=scram-sha-256',
    '--locale=C',
    '-E',
    'UTF8',
  );
  // A commit is answered when the standby has it on disk. With one standby only, nothing commits while it is away.
  appendFileSync(
    join(primary.folder, 'postgresql.conf'),
    `wal_level = replica\nsynchronous_commit = on\nsynchronous_standby_names = 'standby'\n`,
  );
  appendFileSync(join(primary.folder, 'pg_hba.conf'), 'host replication all 127.0.0.1/32 scram-sha-256\n');
  start(primary);
  const origin = `host=127.0.0.1 port=${primary.port} user=${USER} application_name=standby`;
  run('pg_basebackup', '-D', standby.folder, '-R', '-X', 'stream', '-c', 'fast', '-d', origin);
  // The standby connects without anybody to ask for the password.
  appendFileSync(join(standby.folder, 'postgresql.auto.conf'), `primary_conninfo = '${origin} password=${PASSWORD}'\n`);
  start(standby);
  return {
    primary,
    standby,
    url: (port) => `postgres://${USER}:${PASSWORD}@127.0.0.1:${port}/postgres`,
    /** Without a warning, as when the machine loses its power. */
    kill: () =>
      process.kill(Number(readFileSync(join(primary.folder, 'postmaster.pid'), 'utf8').split('\n')[0]), 'SIGKILL'),
    promote: () => run('pg_ctl', '-D', standby.folder, '-w', 'promote'),
    stop: () => {
      for (const { folder } of [primary, standby])
        spawnSync(join(programs, 'pg_ctl'), ['-D', folder, '-m', 'immediate', 'stop'], {
          ...(user.uid !== undefined && { uid: user.uid, gid: user.gid }),
          cwd: home,
        });
    },
  };
}
