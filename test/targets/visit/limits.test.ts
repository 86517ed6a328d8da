import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../src/errors.ts';
import {
  decideMaxInFlight,
  findSlots,
  type InFlightRequest,
} from '../../../src/targets/visit/limits.ts';

const SLOTS = { max: 100, reserved: 3, used: 7, free: 90 };
const REQUEST = {
  asked: undefined,
  askedFrom: ['load.maxInFlight'],
  isWatched: false,
  slots: SLOTS,
  exempt: false,
};

/** What the request becomes by each way that its refusal names; none where it is not refused. */
function listFollowed(request: InFlightRequest): InFlightRequest[] {
  const refusal = tellRefusal(request);
  const ways = refusal.split('): ').at(-1)?.split(', or ') ?? [];
  return ways.flatMap((way) => {
    if (way.startsWith('free connections')) return [];
    const reserve = /--reserve (\d+)/.exec(way)?.[1];
    const settings = [...way.matchAll(/--set (\S+)=(\d+)/g)];
    const isBeyond = way.includes('--beyond-slots');
    if (reserve === undefined && settings.length === 0 && !isBeyond) return [];
    if (settings.length > 0) {
      expect(settings.map(([, field]) => field)).toEqual(request.askedFrom);
      for (const [, , number] of settings) expect(Number(number)).toBeGreaterThan(0);
    }
    const asked = settings.reduce((sum, [, , number]) => sum + Number(number), 0);
    return [
      {
        ...request,
        ...(asked === 0 ? {} : { asked }),
        ...(reserve === undefined ? {} : { reserve: Number(reserve) }),
        ...(isBeyond ? { beyondSlots: true } : {}),
      },
    ];
  });
}

function tellRefusal(request: InFlightRequest): string {
  try {
    decideMaxInFlight(request);
    return '';
  } catch (error) {
    return (error as Error).message;
  }
}

describe('decideMaxInFlight', () => {
  it('leaves a reserve of 10 to others', () => {
    expect(decideMaxInFlight(REQUEST)).toEqual({
      maxInFlight: 80,
      reason:
        '90 free slots: max_connections 100, 3 reserved by the server, 7 used, minus a reserve of 10',
      cure: 'lower the load, or raise max_connections',
    });
  });

  it('leaves the reserve that is asked for', () => {
    expect(decideMaxInFlight({ ...REQUEST, reserve: 0 }).maxInFlight).toBe(90);
    expect(decideMaxInFlight({ ...REQUEST, reserve: 89 }).maxInFlight).toBe(1);
  });

  it('lets a lab without room have one, and does not call that a difference', () => {
    const slots = { max: 5, reserved: 3, used: 0, free: 2 };
    const { maxInFlight, reason } = decideMaxInFlight({ ...REQUEST, slots, exempt: true });
    expect(maxInFlight).toBe(1);
    expect(reason).toBe(
      '2 free slots: max_connections 5, 3 reserved by the server, 0 used; nothing is left after a reserve of 10, and 1 is the fewest that a run can have',
    );
  });

  it('is 500 where no limit is known', () => {
    expect(decideMaxInFlight({ ...REQUEST, slots: null }).maxInFlight).toBe(500);
  });

  it('says that the limit of a pooler is not known to it, not that there is none', () => {
    const { maxInFlight, reason } = decideMaxInFlight({
      ...REQUEST,
      slots: null,
      isPooled: true,
      exempt: true,
    });
    expect(maxInFlight).toBe(500);
    expect(reason).toMatch(
      /^PgBouncer's console did not say how many clients the pooler accepts\. Set .*maxOpen/,
    );
    const unread = '08P01 not allowed';
    const why = decideMaxInFlight({ ...REQUEST, slots: null, isPooled: true, unread }).reason;
    expect(why).toContain('how many clients the pooler accepts: 08P01 not allowed. Set load.max');
  });

  it("leaves slots of PgBouncer's own to others, to the kill switch and to the console", () => {
    const server = { pooler: true, clients: { max: 100, used: 40 }, slots: null };
    const request = { ...REQUEST, slots: findSlots(server), isPooled: true, isWatched: true };
    expect(decideMaxInFlight(request)).toEqual({
      maxInFlight: 50,
      reason: '60 free slots: max_client_conn 100, 40 used, minus a reserve of 10',
      cure: "lower the load, or raise the pooler's max_client_conn",
    });
    expect(decideMaxInFlight({ ...request, reserve: 0 })).toMatchObject({
      maxInFlight: 57,
      reason: expect.stringMatching(/minus 3 for the kill switch and the console$/),
    });
    expect(() => decideMaxInFlight({ ...request, asked: 51 })).toThrow(
      /max_client_conn 100, 40 us/,
    );
  });

  it('takes the slots of whatever clients meet', () => {
    const clients = { max: 100, used: 120 };
    expect(findSlots({ pooler: false, slots: SLOTS })).toBe(SLOTS);
    expect(findSlots({ pooler: null, slots: SLOTS })).toBe(SLOTS);
    expect(findSlots({ pooler: true, slots: SLOTS })).toBeNull();
    expect(findSlots({ pooler: true, slots: SLOTS, clients })).toMatchObject({ max: 100, free: 0 });
  });

  it('never says that there is no limit where it could not be read', () => {
    const unread = '57014 canceling statement due to statement timeout';
    const { maxInFlight, reason } = decideMaxInFlight({ ...REQUEST, slots: null, unread });
    expect(maxInFlight).toBe(500);
    expect(reason).toBe(
      `the limits of the target could not be read (${unread}), and may be lower than this: set load.maxInFlight`,
    );
  });

  it.each([1, 80])('allows %i of 90 free slots', (asked) => {
    expect(decideMaxInFlight({ ...REQUEST, asked })).toEqual({
      maxInFlight: asked,
      reason: 'load.maxInFlight asks for it',
      cure: asked < 80 ? 'raise maxInFlight' : 'lower the load, or raise max_connections',
    });
  });

  it('lets the fullest of several hosts limit all, and who asks have as much for each', () => {
    const spread = { ...REQUEST, hosts: 3 };
    expect(decideMaxInFlight(spread)).toEqual({
      maxInFlight: 80,
      reason:
        '90 free slots at the fullest of 3 hosts: max_connections 100, 3 reserved by the server, 7 used, minus a reserve of 10',
      cure: 'lower the load, or raise max_connections',
    });
    expect(decideMaxInFlight({ ...spread, asked: 240 }).maxInFlight).toBe(240);
    expect(() => decideMaxInFlight({ ...spread, asked: 241 })).toThrow(
      /ask for at most 240 \(--set load\.maxInFlight=240\), or allow it with --reserve 9$/,
    );
    expect(decideMaxInFlight({ ...spread, asked: 241, reserve: 9 }).maxInFlight).toBe(241);
    expect(() => decideMaxInFlight({ ...spread, asked: 271 })).toThrow(
      /\(--set load\.maxInFlight=240\), or for at most 270 \(--set load\.maxInFlight=270\) with --reserve 0, or storm a server of your own beyond its slots with --beyond-slots$/,
    );
  });

  it('refuses more, with the numbers and the way to allow it', () => {
    const decide = () => decideMaxInFlight({ ...REQUEST, asked: 81 });
    expect(decide).toThrow(UsageError);
    expect(decide).toThrow(
      'load.maxInFlight of 81 is more than the target allows (90 free slots: max_connections 100, ' +
        '3 reserved by the server, 7 used, minus a reserve of 10): ask for at most 80 (--set load.maxInFlight=80), or allow it with --reserve 9',
    );
    expect(decideMaxInFlight({ ...REQUEST, asked: 81, reserve: 9 }).maxInFlight).toBe(81);
  });

  it('promises no --reserve that could not help', () => {
    expect(() => decideMaxInFlight({ ...REQUEST, asked: 91 })).toThrow(
      /ask for at most 80 \(.*=80\), or for at most 90 \(.*=90\) with --reserve 0, or storm a server of your own beyond/,
    );
  });

  it('keeps two slots for the kill switch, whatever the reserve', () => {
    const watched = { ...REQUEST, isWatched: true };
    expect(decideMaxInFlight(watched).maxInFlight).toBe(80);
    expect(decideMaxInFlight({ ...watched, reserve: 0 })).toMatchObject({
      maxInFlight: 88,
      reason:
        '90 free slots: max_connections 100, 3 reserved by the server, 7 used, minus 2 for the kill switch',
    });
    expect(() => decideMaxInFlight({ ...watched, asked: 91 })).toThrow(
      /or for at most 88 \(--set load\.maxInFlight=88\) with --reserve 2, or storm/,
    );
  });

  it('names the fields of all blocks', () => {
    const askedFrom = ['load.web.maxInFlight', 'load.jobs.maxInFlight'];
    expect(() => decideMaxInFlight({ ...REQUEST, askedFrom, asked: 200 })).toThrow(
      /^the maxInFlight of all blocks together is 200, more than .*: ask for at most 80 \(--set load\.web\.maxInFlight=40 --set load\.jobs\.maxInFlight=40\), or/,
    );
  });

  describe('every way that a refusal names is accepted', () => {
    const rows = [0, 1, 2, 3, 5, 12, 90].flatMap((free) =>
      [undefined, 0, 1, 2, 20].flatMap((reserve) =>
        [undefined, 1, 2, 3, 50, 89, 91, 500].flatMap((asked) =>
          [1, 3].flatMap((hosts) =>
            [true, false].map((isWatched) => ({ free, reserve, asked, hosts, isWatched })),
          ),
        ),
      ),
    );

    it.each([
      ['of one block', ['load.maxInFlight']],
      ['of two', ['load.a.maxInFlight', 'load.b.maxInFlight']],
    ])('%s', (_, askedFrom) => {
      let ways = 0;
      for (const { free, reserve, ...row } of rows) {
        const slots = { ...SLOTS, free };
        const given = reserve === undefined ? {} : { reserve };
        const request = { ...REQUEST, ...row, ...given, askedFrom, slots };
        for (const followed of listFollowed(request)) {
          const { maxInFlight } = decideMaxInFlight(followed);
          const others = followed.isWatched ? 2 : 0;
          if (!followed.beyondSlots) {
            expect(maxInFlight / row.hosts).toBeLessThanOrEqual(free - others);
          }
          ways++;
        }
      }
      expect(ways).toBeGreaterThan(300);
    });
  });

  it("names a role's or database's limit that is lower than the server's", () => {
    const lower = { of: 'role', limit: 25, used: 5 } as const;
    const slots = { ...SLOTS, free: 20, lower };
    expect(() => decideMaxInFlight({ ...REQUEST, slots, asked: 50 })).toThrow(
      /20 free slots: .* 7 used; the role's connection limit leaves fewer: 25, 5 used, minus a reserve/,
    );
    const none = { ...SLOTS, free: 0, lower: { of: 'database', limit: 5, used: 5 } as const };
    expect(() => decideMaxInFlight({ ...REQUEST, slots: none })).toThrow(
      /: close other connections or raise the database's connection limit$/,
    );
  });

  it('names no max_connections where the server has none', () => {
    const lower = { of: 'role', limit: 25, used: 5 } as const;
    const slots = { max: -1, reserved: 0, used: 7, free: 20, lower };
    expect(decideMaxInFlight({ ...REQUEST, slots })).toEqual({
      maxInFlight: 10,
      reason:
        "20 free slots: no max_connections, 7 used; the role's connection limit leaves fewer: 25, 5 used, minus a reserve of 10",
      cure: "lower the load, or raise the role's connection limit",
    });
  });

  it('does not offer a --reserve 0 that was given already', () => {
    expect(() => decideMaxInFlight({ ...REQUEST, asked: 91, reserve: 0 })).toThrow(
      /minus a reserve of 0\): ask for at most 90 \(--set load\.maxInFlight=90\), or storm a server of your own beyond/,
    );
  });

  it('lets a server be stormed beyond its slots on purpose, and says what that does', () => {
    const beyond = { ...REQUEST, beyondSlots: true };
    expect(decideMaxInFlight({ ...beyond, asked: 300 })).toEqual({
      maxInFlight: 300,
      reason:
        'load.maxInFlight asks for it, beyond 90 free slots: max_connections 100, 3 reserved by the server, 7 used (--beyond-slots): the target may refuse other clients',
      cure: 'raise maxInFlight',
    });
    expect(
      decideMaxInFlight({ ...beyond, slots: { ...SLOTS, free: 0 }, asked: 5 }).maxInFlight,
    ).toBe(5);
    // Without a number of its own it keeps the reserve.
    expect(decideMaxInFlight(beyond).maxInFlight).toBe(80);
  });

  it.each([
    [10, /allow the storm some of them with --reserve 9 or less/],
    [0, /close other connections or raise max_connections/],
  ])('refuses a server with %i free slots', (free, message) => {
    const decide = () => decideMaxInFlight({ ...REQUEST, slots: { ...SLOTS, free } });
    expect(decide).toThrow(UsageError);
    expect(decide).toThrow(message);
  });

  it('lets the exempt ask for anything, and have at least one', () => {
    const exempt = { ...REQUEST, exempt: true };
    expect(decideMaxInFlight(exempt).maxInFlight).toBe(80);
    expect(decideMaxInFlight({ ...exempt, asked: 5000 }).maxInFlight).toBe(5000);
    const slots = { ...SLOTS, free: 2 };
    expect(decideMaxInFlight({ ...exempt, slots }).maxInFlight).toBe(1);
    expect(decideMaxInFlight({ ...REQUEST, slots: null, asked: 5000 }).maxInFlight).toBe(5000);
  });
});
