// @ts-check

/**
 * What each layer of src/ may import, beside itself and the foundation, from the top down. A layer is a folder or one
 * file, and the longest name that fits decides: `metrics/histogram` lies deeper than the rest of its folder.
 * The test of the layers and the drawing in ARCHITECTURE.md are made from this table.
 *
 * @type {Record<string, readonly string[]>}
 */
export const ALLOWED = {
  index: ['library', 'run', 'result', 'lab'],
  cli: ['commands'],
  commands: ['run', 'report', 'analysis', 'result', 'lab', 'targets', 'probes'],
  library: ['run', 'analysis', 'result', 'lab'],
  run: ['load', 'probes', 'lab', 'targets', 'drivers', 'metrics', 'analysis', 'result'],
  load: ['drivers', 'metrics', 'result/records/measures', 'result/records/normalise'],
  probes: [
    'drivers',
    'probes/proc/descriptor-limit',
    'probes/proc/postmaster',
    'probes/proc/proc-text',
    'result/records/measures',
    'result/records/slot-refusals',
  ],
  lab: ['probes/proc/descriptor-limit'],
  targets: [
    'drivers',
    'probes/proc/postmaster',
    'result/records/slot-limits',
    'result/records/slot-refusals',
  ],
  report: ['analysis', 'result'],
  analysis: ['result', 'metrics/histogram'],
  drivers: ['result/records/measures'],
  metrics: ['result', 'metrics/histogram'],
  result: ['metrics/histogram'],
  'probes/proc/descriptor-limit': ['probes/proc/proc-text'],
  'probes/proc/postmaster': ['probes/proc/proc-text'],
  'probes/proc/proc-text': [],
  'metrics/histogram': [],
};

/** Below everything: these may import one another and nothing else. */
export const FOUNDATION = [
  'errors',
  'controls',
  'descriptors',
  'failure-text',
  'secrets',
  'counted',
  'duration-text',
  'options',
  'scenario',
  'clock',
  'version',
  'v8-flags',
  'wrap-text',
];
