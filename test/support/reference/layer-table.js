// @ts-check

/**
 * What each layer of src/ may import, beside itself and the foundation, from the top down. A layer is a folder or one
 * file, and the longest name that fits decides: `probes/proc/postmaster` lies deeper than the rest of its folder.
 * The test of the layers and the drawing in ARCHITECTURE.md are made from this table.
 *
 * @type {Record<string, readonly string[]>}
 */
export const ALLOWED = {
  index: ['library', 'run', 'result', 'lab'],
  cli: ['commands'],
  commands: ['run', 'report', 'analysis', 'result', 'lab', 'targets', 'probes'],
  library: ['run', 'analysis', 'result', 'lab'],
  run: ['load', 'background', 'probes', 'lab', 'targets', 'drivers', 'analysis', 'result'],
  load: ['drivers', 'metrics'],
  background: ['drivers', 'probes/proc/free-memory'],
  probes: [
    'drivers',
    'probes/proc/descriptor-limit',
    'probes/proc/postmaster',
    'probes/proc/proc-text',
  ],
  lab: ['probes/proc/descriptor-limit'],
  targets: ['drivers', 'probes/proc/postmaster'],
  report: ['analysis', 'result'],
  analysis: ['result'],
  drivers: [],
  metrics: [],
  result: [],
  'probes/proc/descriptor-limit': ['probes/proc/proc-text'],
  'probes/proc/postmaster': ['probes/proc/proc-text'],
  'probes/proc/free-memory': ['probes/proc/proc-text'],
  'probes/proc/proc-text': [],
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
  'number-text',
  'options',
  'scenario',
  'model',
  'clock',
  'version',
  'v8-flags',
  'wrap-text',
];
