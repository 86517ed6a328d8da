import { expect, it } from 'vitest';
import {
  describeUnreadable,
  isMissing,
} from '../../../../src/targets/naming/settings/file-trouble.ts';

it.each([
  ['ENOENT', true, 'cannot be read (ENOENT): check the path'],
  ['ENOTDIR', true, 'cannot be read (ENOTDIR): check the path'],
  ['EISDIR', false, 'cannot be read (EISDIR): check the path'],
  [
    'EACCES',
    false,
    'may not be read by this account (EACCES): check its rights and those of its folders',
  ],
])('tells of %s', (code, missing, told) => {
  const error = Object.assign(new Error('x'), { code });
  expect([isMissing(error), describeUnreadable(error)]).toEqual([missing, told]);
});
