import { formatCounted } from '../../counted.ts';
import type { PlanOf } from '../../scenario/plan/beside/background.ts';
import { countSessions } from '../../scenario/plan/beside/background.ts';
import type { ActEnd, Activity, Kept, Pace } from '../activity.ts';
import type { ActivityGround } from '../activity-ground.ts';
import { ControlSession } from '../connections/control-session.ts';
import { addKept } from '../connections/kept-counts.ts';

/** A table that every database has, and that is large enough for several workers. Its text is read, not an index. */
const QUERY = 'SELECT sum(length(prosrc)) FROM pg_catalog.pg_proc';
const PLAN = `EXPLAIN (FORMAT JSON) ${QUERY}`;
/** Runs the query, and counts the workers that the server launched for it. */
const RUN = `EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) ${QUERY}`;

/** Runs queries that launch parallel workers: the postmaster forks each worker. */
export class ParallelQueries implements Activity {
  readonly pace: Pace;
  readonly kept: Kept;
  readonly #ground: ActivityGround;
  readonly #workers: number;
  readonly #sessions: readonly ControlSession[];
  readonly #idle: ControlSession[];

  constructor(plan: PlanOf<'parallel-queries'>, ground: ActivityGround) {
    const { ratePerSecond, workers } = plan;
    const sessions = countSessions(plan);
    this.pace = { kind: 'rate', ratePerSecond, atOnce: sessions };
    this.#ground = ground;
    this.#workers = workers;
    const setup = listSettings(workers);
    this.#sessions = Array.from(
      { length: sessions },
      () => new ControlSession({ ...ground, setup }),
    );
    this.#idle = [...this.#sessions];
    this.kept = {
      take: () => this.#sessions.map((session) => session.take()).reduce(addKept),
    };
  }

  /** Checks the plan, too: a query without the workers asked for would show nothing. */
  async open() {
    const { now } = this.#ground;
    const fromUs = now();
    for (const session of this.#sessions) await session.open();
    const [first] = this.#sessions;
    const answer = await first?.ask(PLAN);
    if (answer?.ok !== true)
      throw new Error(`the query cannot be planned: ${answer?.failure?.message}`);
    const planned = sumWorkers(answer.rows[0]?.['QUERY PLAN'], 'Workers Planned');
    if (planned < this.#workers) {
      throw new Error(
        `the server plans ${planned} of ${formatCounted(this.#workers, 'worker')} for its query: raise max_worker_processes and max_parallel_workers, or ask for fewer workers`,
      );
    }
    const { length } = this.#sessions;
    return { asked: length, opened: length, elapsedUs: now() - fromUs };
  }

  act(end: ActEnd): void {
    const session = this.#idle.shift();
    if (session === undefined) {
      end({ end: 'skipped' });
      return;
    }
    void session.ask(RUN).then((answer) => {
      this.#idle.push(session);
      if (answer.ok) {
        const launched = sumWorkers(answer.rows[0]?.['QUERY PLAN'], 'Workers Launched');
        end({ end: 'done', workers: { planned: this.#workers, launched } });
      } else if (answer.failure === undefined) end({ end: 'skipped' });
      else end({ end: 'failed', failure: answer.failure });
    });
  }

  close(): void {
    for (const session of this.#sessions) session.close();
  }
}

/** Settings with which workers cost the planner nothing, so that it plans as many as it may. */
function listSettings(workers: number): string[] {
  return [
    'SET parallel_setup_cost = 0',
    'SET parallel_tuple_cost = 0',
    'SET min_parallel_table_scan_size = 0',
    `SET max_parallel_workers_per_gather = ${workers}`,
  ];
}

/** Returns the sum of a count over all nodes of a plan in JSON. */
function sumWorkers(plan: unknown, name: 'Workers Planned' | 'Workers Launched'): number {
  if (Array.isArray(plan)) {
    return plan.reduce<number>((sum, node) => sum + sumWorkers(node, name), 0);
  }
  if (typeof plan !== 'object' || plan === null) return 0;
  const { [name]: own, Plan: child, Plans: children } = plan as Record<string, unknown>;
  return (typeof own === 'number' ? own : 0) + sumWorkers(child, name) + sumWorkers(children, name);
}
