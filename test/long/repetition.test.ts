import { describeRepetition } from '../support/virtual/describe-repetition.ts';

// The second set are seeds that nothing was tuned on.
describeRepetition(1000, [1, 1_000_001]);
