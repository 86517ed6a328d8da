import { expect, it } from 'vitest';
import { type InspectionReport, renderInspection } from '../../../src/report/inspect/inspection.ts';

const REPORT: InspectionReport = {
  type: 'inspection',
  version: 1,
  target: 'postgres://app@db.example:5432/app',
  lab: false,
  local: false,
  postmasterPid: null,
  dnsUs: 2400,
  server: {
    version: '17.2',
    tls: 'TLSv1.3 TLS_AES_256_GCM_SHA384',
    auth: 'scram-sha-256',
    settings: {},
    slots: { max: 2000, reserved: 3, used: 120, free: 1877 },
    pooler: false,
  },
  limits: {
    superuser: false,
    role: { limit: 50, used: 4 },
    database: { limit: -1, used: 100 },
  },
  serverTimes: {
    available: false,
    reason: 'only PostgreSQL 18 or later reports them, and this is 17.2',
  },
  notices: [],
  loginTriggers: ['audit'],
  costs: [
    { name: 'log_hostname', value: 'on', why: 'each connect waits for a reverse DNS lookup' },
    { name: 'login triggers', value: 'audit', why: 'run in this database at every login' },
  ],
  cheap: ['log_connections', 'pre_auth_delay'],
  unseen: ['shared_preload_libraries'],
  generator: {
    node: 'v20.20.2',
    os: 'Linux 6.18',
    arch: 'x64',
    cpuModel: 'A CPU',
    cpuCount: 8,
    memoryBytes: 1,
    descriptorLimit: 1_048_576,
    localPorts: [32_768, 60_999],
  },
};

it('shows an inspection on 80 columns', () => {
  const text = renderInspection(REPORT, { columns: 80, colour: false });
  expect(text).toMatchInlineSnapshot(`
    "postgres://app@db.example:5432/app

      server       PostgreSQL 17.2, not on this machine, name resolved in 2.40 ms
      login        scram-sha-256, TLSv1.3 TLS_AES_256_GCM_SHA384
      pooler       none: the backend answers itself
      slots        1,877 free for this role: max_connections 2,000, 3 reserved, 120
                   used
      server times not reported: only PostgreSQL 18 or later reports them, and this
                   is 17.2
      role         connection limit 50, 4 used
      database     no connection limit, 100 used

    what makes connects costly there
      log_hostname = on
        each connect waits for a reverse DNS lookup
      login triggers = audit
        run in this database at every login
      these settings are fine: log_connections, pre_auth_delay
      this role cannot see: shared_preload_libraries

    this machine
      cores        8 x A CPU
      descriptors  1,048,576: each connection takes one
      local ports  28,232 (32768-60999): enough for 470 connects/s over a long time,
                   because each closed connection keeps its port in TIME_WAIT for 60
                   s
    "
  `);
  for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
});

it('says of a pooler, and of what it is not told, no more than is known', () => {
  const { server } = REPORT;
  const text = renderInspection(
    {
      ...REPORT,
      local: true,
      postmasterPid: 4711,
      dnsUs: null,
      server: {
        ...server,
        version: null,
        tls: null,
        auth: null,
        slots: null,
        pooler: true,
        unread: { clients: '08P01 not allowed' },
      },
      limits: null,
      loginTriggers: null,
      costs: [],
      cheap: [],
      unseen: [],
      generator: { ...REPORT.generator, descriptorLimit: null, localPorts: null },
    },
    { columns: 80, colour: false },
  );
  expect(text).toMatchInlineSnapshot(`
    "postgres://app@db.example:5432/app

      server       unknown version, on this machine, postmaster 4711
      login        unknown method, no TLS
      pooler       a pooler is in between. It may answer logins itself, so compare
                   the time until the first query
      slots        unknown: PgBouncer's console did not say how many clients the
                   pooler accepts: 08P01 not allowed
      server times not reported: only PostgreSQL 18 or later reports them, and this
                   is 17.2

    what makes connects costly there
      nothing that can be seen
      it cannot be seen whether there are login triggers

    this machine
      cores        8 x A CPU
      descriptors  unknown limit
      local ports  unknown range
    "
  `);
});

it('says whose slots these may be where a pooler cannot be told', () => {
  const render = (slots: InspectionReport['server']['slots']) => {
    const server = { ...REPORT.server, pooler: null, slots };
    return renderInspection({ ...REPORT, server }, { columns: 80, colour: false });
  };
  expect(render(null)).toMatch(/pooler +it cannot be seen whether a pooler is in between\n/);
  const slots = {
    max: -1,
    reserved: 0,
    used: 3,
    free: 17,
    lower: { of: 'role', limit: 20, used: 3 },
  } as const;
  const text = render(slots);
  expect(text).toMatch(
    /pooler +it cannot be seen whether a pooler is in between\. If so, the\s+slots below are those of the server behind it\n/,
  );
  expect(text).toMatch(/17 free for this role: no max_connections, 3 used; the role's/);
});

it("keeps what the pooler's own connects meet apart from what a client's do", () => {
  const costs: InspectionReport['costs'] = [
    { name: 'pre_auth_delay', value: '1s', why: 'each backend sleeps', behindPooler: true },
    { name: 'TLS', value: 'TLSv1.3', why: 'each connect is a full handshake with the pooler' },
  ];
  const server = { ...REPORT.server, pooler: true, slots: null };
  const text = renderInspection(
    { ...REPORT, server, limits: null, costs },
    { columns: 80, colour: false },
  );
  expect(text.split('\n\n')[2]).toMatchInlineSnapshot(`
    "what makes connects costly there
      TLS = TLSv1.3
        each connect is a full handshake with the pooler
      the following settings are those of the server behind the pooler, as one of
      its backends has them (which may have started before a setting was changed).
      They make the pooler's connects slower, not those of clients
        pre_auth_delay = 1s
          each backend sleeps
        these settings are fine: log_connections, pre_auth_delay
        this role cannot see: shared_preload_libraries"
  `);
  for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
});

it.each<[Partial<InspectionReport['server']>, string]>([
  [{ auth: 'trust' }, 'trust'],
  [{ auth: 'trust', authMayBe: 'cert' }, 'nothing asked (trust or cert)'],
  [{ auth: 'trust', authMayBe: 'peer' }, 'nothing asked (trust or peer)'],
  [{ channelBinding: true }, 'scram-sha-256 with channel binding'],
])('tells of the login %o: %s', (found, told) => {
  const server = { ...REPORT.server, tls: null, ...found };
  const text = renderInspection({ ...REPORT, server }, { columns: 80, colour: false });
  expect(text).toContain(`login        ${told}, no TLS\n`);
});

it("knows PgBouncer's console", () => {
  const server = { ...REPORT.server, version: '1.18.0/bouncer', pooler: true, slots: null };
  const report = { ...REPORT, server, limits: null, loginTriggers: null, costs: [], cheap: [] };
  const text = renderInspection(report, { columns: 80, colour: false });
  expect(text).toContain('server       console of PgBouncer 1.18.0, not on this machine');
  expect(text).toMatch(/pooler +this is the console of a pooler: name a database that it serves/);
  expect(text).toContain('the console shows nothing of the servers behind PgBouncer');
  expect(text).not.toContain('this role cannot see');
});

it('gives foreign text no power over the terminal', () => {
  const costs = [{ name: 'login triggers', value: 'a\x1b[2Jb', why: 'x' }];
  const text = renderInspection({ ...REPORT, costs }, { columns: 80, colour: true });
  expect(text).toContain('a\\x1b[2Jb');
});

it.each([
  ['standby', 'PostgreSQL 17.2 (standby), not on this machine'],
  ['unknown', 'PostgreSQL 17.2, not on this machine'],
] as const)('says of a server that is %s', (serverRole, said) => {
  const report = { ...REPORT, server: { ...REPORT.server, serverRole } };
  expect(renderInspection(report, { columns: 80, colour: false })).toContain(`  ${said}`);
});

it('says why limits and settings could not be read, and blames no role for that', () => {
  const { server } = REPORT;
  const why = '57014 canceling statement due to statement timeout';
  const unread = { settings: why, slots: why };
  const report = { ...REPORT, server: { ...server, slots: null, unread } };
  const text = renderInspection(report, { columns: 200, colour: false });
  expect(text).toContain(`slots        could not be read: ${why}`);
  expect(text).toContain(`could not be read (${why}): shared_preload_libraries`);
  expect(text).not.toMatch(/this role cannot see|the target does not report/);
});
