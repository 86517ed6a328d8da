import { formatCounted } from '../../counted.ts';
import { formatCount } from '../text/format.ts';

/** Returns `64 clients`, or `64 clients (at most 27 in flight)` if fewer of them may be in flight at once. */
export function nameClients(clients: number, maxInFlight: number): string {
  const most = clients > maxInFlight ? ` (at most ${formatCount(maxInFlight)} in flight)` : '';
  return `${formatCounted(clients, 'client')}${most}`;
}
