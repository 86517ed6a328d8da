import { afterEach, vi } from 'vitest';

/** Test files share workers: timers that one leaves faked would never fire in the next. */
afterEach(() => void vi.useRealTimers());
