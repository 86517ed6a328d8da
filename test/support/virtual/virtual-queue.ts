import type { VirtualCapacity } from './virtual-capacity.ts';

/** When an attempt started, and when it was ready. */
export interface Times {
  startS: number;
  readyS: number;
}

/** How a virtual server deals with those who have come. */
export interface Queue {
  /** An attempt comes; its work is in connects: 1 in the mean. No earlier than those before it. */
  add(startS: number, work: number): void;
  /** The attempt that is served next, removed; undefined where it is not served before `beforeS`, or nobody is there. */
  take(beforeS: number): Times | undefined;
}

/** One at a time, in the order they come: a postmaster that forks. */
export class SerialQueue implements Queue {
  readonly #capacity: VirtualCapacity;
  readonly #served: Times[] = [];
  #first = 0;
  #freeS = 0;

  constructor(capacity: VirtualCapacity) {
    this.#capacity = capacity;
  }

  add(startS: number, work: number): void {
    let atS = Math.max(startS, this.#freeS);
    let left = work;
    for (;;) {
      const { toS, perSecond } = this.#capacity.at(atS);
      const endS = perSecond > 0 ? atS + left / perSecond : Number.POSITIVE_INFINITY;
      if (endS <= toS) {
        this.#freeS = endS;
        break;
      }
      left -= (toS - atS) * perSecond;
      atS = toS;
    }
    this.#served.push({ startS, readyS: this.#freeS });
  }

  take(beforeS: number): Times | undefined {
    const next = this.#served[this.#first];
    if (next === undefined || next.readyS >= beforeS) return undefined;
    this.#first++;
    return next;
  }
}

interface Job {
  startS: number;
  /** It is served when every job has got so much since the beginning. */
  dueWork: number;
}

/** All at once, each with an equal share of what there is: backends on a host's CPUs. */
export class SharedQueue implements Queue {
  readonly #capacity: VirtualCapacity;
  /** A heap, the first to be served on top. */
  readonly #jobs: Job[] = [];
  /** What a job that was there from the beginning would have got by now. */
  #work = 0;
  #nowS = 0;

  constructor(capacity: VirtualCapacity) {
    this.#capacity = capacity;
  }

  /** Whoever is served before it must have been taken. */
  add(startS: number, work: number): void {
    this.#goOn(startS);
    push(this.#jobs, { startS, dueWork: this.#work + work });
  }

  take(beforeS: number): Times | undefined {
    const [next] = this.#jobs;
    if (next === undefined) return undefined;
    const readyS = this.#goOn(beforeS, next.dueWork);
    if (readyS === undefined) return undefined;
    pop(this.#jobs);
    return { startS: next.startS, readyS };
  }

  /** Serves up to a moment; with `dueWork` no further than that, and returns when it is reached. */
  #goOn(untilS: number, dueWork = Number.POSITIVE_INFINITY): number | undefined {
    if (this.#jobs.length === 0) {
      this.#nowS = Math.max(this.#nowS, untilS);
      return undefined;
    }
    while (this.#nowS < untilS) {
      const { toS, perSecond } = this.#capacity.at(this.#nowS);
      const endS = Math.min(toS, untilS);
      const rate = perSecond / this.#jobs.length;
      const reached = this.#work + rate * (endS - this.#nowS);
      if (reached >= dueWork) {
        this.#nowS += (dueWork - this.#work) / rate;
        this.#work = dueWork;
        return this.#nowS;
      }
      this.#work = reached;
      this.#nowS = endS;
    }
    return undefined;
  }
}

function push(heap: Job[], job: Job): void {
  heap.push(job);
  let at = heap.length - 1;
  while (at > 0) {
    const above = (at - 1) >> 1;
    if (dueOf(heap, above) <= job.dueWork) break;
    heap[at] = heap[above] ?? job;
    at = above;
  }
  heap[at] = job;
}

function pop(heap: Job[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  let at = 0;
  for (;;) {
    let below = 2 * at + 1;
    if (below >= heap.length) break;
    if (dueOf(heap, below + 1) < dueOf(heap, below)) below++;
    if (dueOf(heap, below) >= last.dueWork) break;
    heap[at] = heap[below] ?? last;
    at = below;
  }
  heap[at] = last;
}

function dueOf(heap: readonly Job[], at: number): number {
  return heap[at]?.dueWork ?? Number.POSITIVE_INFINITY;
}
