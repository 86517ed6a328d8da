import { formatCounted, nounOf } from '../../../counted.ts';
import { parseDuration } from '../../duration.ts';
import { quoteStatement } from '../../quote-statement.ts';
import type {
  ActivityKind,
  ActivitySettings,
  HealthCheck,
} from '../../schema/beside/background-schema.ts';
import type { Scenario } from '../../schema/schema.ts';

/** An activity beside the load, as pure data. Durations are integer microseconds. */
export type ActivityPlan = { name: string } & (
  | {
      activity: 'held';
      /** The most connections that are kept. */
      connections: number;
      /** How often each connection runs SELECT 1; undefined: never. */
      touchUs: number | undefined;
    }
  | {
      activity: 'queries';
      clients: number;
      statement: string;
      /** undefined: each client begins the next statement when it has the answer to the last one. */
      ratePerSecond: number | undefined;
    }
  | { activity: 'cancels'; ratePerSecond: number }
  | {
      activity: 'health-checks';
      ratePerSecond: number;
      kind: HealthCheck;
      /** How long a silent check stays. */
      stayUs: number;
    }
  | { activity: 'abandons'; ratePerSecond: number; afterUs: number }
  | { activity: 'reloads' | 'terminations'; ratePerSecond: number }
  | { activity: 'parallel-queries'; ratePerSecond: number; workers: number }
);

/** The plan of one kind of activity. */
export type PlanOf<Kind extends ActivityKind> = ActivityPlan & { activity: Kind };

const STAY = '1s';

/** Returns the activities of a scenario, in its order; empty without any. */
export function planBackground({ background = {} }: Pick<Scenario, 'background'>): ActivityPlan[] {
  return Object.entries(background).map(([name, settings]) => ({
    name,
    ...planActivity(settings),
  }));
}

function planActivity(settings: ActivitySettings): WithoutName<ActivityPlan> {
  switch (settings.activity) {
    case 'held': {
      const { activity, connections, touch } = settings;
      return { activity, connections, touchUs: touch === undefined ? touch : parseDuration(touch) };
    }
    case 'queries': {
      const { activity, clients, statement, rate } = settings;
      return { activity, clients, statement, ratePerSecond: rate };
    }
    case 'cancels':
    case 'reloads':
    case 'terminations':
      return { activity: settings.activity, ratePerSecond: settings.rate };
    case 'parallel-queries': {
      const { activity, rate, workers } = settings;
      return { activity, ratePerSecond: rate, workers };
    }
    case 'health-checks': {
      const { activity, rate, kind, stay = STAY } = settings;
      return { activity, ratePerSecond: rate, kind, stayUs: parseDuration(stay) };
    }
    case 'abandons': {
      const { activity, rate, after } = settings;
      return { activity, ratePerSecond: rate, afterUs: parseDuration(after) };
    }
  }
}

type WithoutName<Plan> = Plan extends unknown ? Omit<Plan, 'name'> : never;

/** Statements that an activity runs beside SELECT 1; undefined: none. */
export function statementOf(plan: ActivityPlan): string | undefined {
  return plan.activity === 'queries' ? plan.statement : undefined;
}

/**
 * Returns the most slots of the target that an activity takes at once: its connections, the logins that are under way,
 * and the processes of silent checks.
 */
export function countSlots(plan: ActivityPlan): number {
  switch (plan.activity) {
    case 'held':
      return plan.connections;
    case 'queries':
      return plan.clients;
    case 'cancels':
    case 'reloads':
      return 1;
    case 'terminations':
      return countVictims(plan) + 1;
    case 'parallel-queries':
      return countSessions(plan);
    case 'health-checks':
      return plan.kind === 'silent' ? Math.ceil((plan.ratePerSecond * plan.stayUs) / 1e6) : 0;
    case 'abandons':
      return Math.ceil((plan.ratePerSecond * plan.afterUs) / 1e6);
  }
}

/** Returns how many sessions are kept to be terminated: those of a second, and one. */
export function countVictims({ ratePerSecond }: { ratePerSecond: number }): number {
  return Math.ceil(ratePerSecond) + 1;
}

/** Returns how many sessions run parallel queries: enough for queries of a fifth of a second, and at most 20. */
export function countSessions({ ratePerSecond }: { ratePerSecond: number }): number {
  return Math.min(20, Math.ceil(ratePerSecond / 5) + 1);
}

/** Returns an activity in a few words: `up to 50 held connections`, `20 cancel requests/s`. */
export function describeActivity(plan: ActivityPlan): string {
  switch (plan.activity) {
    case 'held':
      return `up to ${formatCounted(plan.connections, 'held connection')}`;
    case 'queries': {
      const { clients, statement, ratePerSecond: rate } = plan;
      const pace = rate === undefined ? 'again and again' : `${format(rate)} times a second`;
      const who = formatCounted(clients, 'client');
      return `${who} that ${nounOf(clients, 'runs', 'run')} ${quoteStatement(statement)} ${pace}`;
    }
    case 'cancels':
      return `${format(plan.ratePerSecond)} cancel requests/s`;
    case 'health-checks':
      return `${format(plan.ratePerSecond)} health checks/s (${plan.kind})`;
    case 'reloads':
      return `${format(plan.ratePerSecond)} reloads of the configuration a second`;
    case 'terminations':
      return `${format(plan.ratePerSecond)} of its own sessions terminated a second`;
    case 'parallel-queries':
      return `${format(plan.ratePerSecond)} queries/s with ${formatCounted(plan.workers, 'parallel worker')} each`;
    case 'abandons':
      return `${format(plan.ratePerSecond)} connects/s that are given up`;
  }
}

function format(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 2 });
}
