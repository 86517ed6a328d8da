import { formatCounted } from '../../counted.ts';
import type { Calibration, WorkersCeiling } from '../../result/records/calibration.ts';
import { formatCount, formatDuration, formatRate } from '../text/format.ts';
import { createPaint } from '../text/paint.ts';
import { wrapText } from '../text/text.ts';

/** Returns the report of a calibration for a terminal. It ends with a line feed. */
export function renderCalibration(
  calibration: Calibration,
  { columns, colour }: { columns: number; colour: boolean },
): string {
  const paint = createPaint(colour);
  const { cpuCount, cpuModel, node } = calibration.environment;
  const head = `${cpuCount} x ${cpuModel}, Node ${node}, against a server on this machine that answers at once`;
  const wrap = (text: string): string[] => wrapText(text, columns, 2);
  const lines = [
    ...wrap(head).map(paint.bold),
    '',
    ...describeFloor(calibration).flatMap(wrap),
    '',
    ...calibration.ceilings.flatMap(describeCeiling).flatMap(wrap),
    '',
    ...describeTrust(calibration).flatMap(wrap).map(paint.bold),
    ...describeDoubts(calibration).flatMap(wrap).map(paint.dim),
  ];
  return `${lines.join('\n')}\n`;
}

function describeFloor({ floor }: Calibration): string[] {
  if (floor === null) return ['smallest times: unknown, because no connect succeeded'];
  const { ratePerSecond, serviceTime, lateness } = floor;
  return [
    `smallest times (${formatCounted(serviceTime.count, 'connect')} at ${formatRate(ratePerSecond)}, one worker):`,
    `service time p50 ${formatDuration(serviceTime.p50Us)}, p99 ${formatDuration(serviceTime.p99Us)}`,
    `lateness p50 ${formatDuration(lateness.p50Us)}, p99 ${formatDuration(lateness.p99Us)} (${formatCount(lateness.count)})`,
  ];
}

function describeCeiling(ceiling: WorkersCeiling): string[] {
  const { workers, sustainedPerSecond, failedPerSecond, cpuPerConnectUs, lateness } = ceiling;
  const who = formatCounted(workers, 'worker');
  const beyond = failedPerSecond === null ? '' : `, but not ${formatRate(failedPerSecond)}`;
  if (sustainedPerSecond === null) {
    const lowest = failedPerSecond === null ? '' : `, not even ${formatRate(failedPerSecond)}`;
    return [`${who}: sustained none of the rates that were tried${lowest}`];
  }
  const cost =
    cpuPerConnectUs === null ? '' : `; ${formatDuration(cpuPerConnectUs)} of CPU per connect`;
  const late = lateness === null ? '' : `, lateness p99 ${formatDuration(lateness.p99Us)}`;
  return [
    `${who}: sustained ${formatRate(sustainedPerSecond)}${beyond}${cost}${late}`,
    ...ceiling.failedBecause.map((why) => `at the higher rate: ${why}`),
  ];
}

/** Describes what can be trusted. `floor.latency` is lateness + service time of each attempt. */
function describeTrust({ highestPerSecond, floor }: Calibration): string[] {
  const rate =
    highestPerSecond === null
      ? 'no rate can be trusted on this machine at present: it is too busy, or too slow'
      : `highest rate to trust on this machine: ${formatRate(highestPerSecond)}`;
  if (floor === null) return [rate];
  const { p50Us, p99Us } = floor.latency;
  return [
    rate,
    `smallest latency that shows a server: p50 ${formatDuration(p50Us)}, p99 ${formatDuration(p99Us)}`,
  ];
}

function describeDoubts({ complete, elapsedS }: Calibration): string[] {
  return [
    'smallest latency: lateness + service time, with a server that answers at once. A latency that is not clearly above it is the time of connstorm and this machine, not of a server',
    'this server runs on the same machine as connstorm: with a server on another machine the rates may be higher; TLS, SCRAM and queries cost more than these bare connects',
    complete
      ? `took ${elapsedS} s`
      : `ended after ${elapsedS} s, before every number of workers was tried`,
  ];
}
