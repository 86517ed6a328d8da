import { describe, expect, it } from 'vitest';
import { Attempt } from '../../../src/drivers/driver.ts';
import {
  allocateRing,
  COLUMN,
  EVENT,
  EventReader,
  EventWriter,
} from '../../../src/load/record/event-ring.ts';

function openRing(rows: number): { writer: EventWriter; drain: () => number[] } {
  const memory = allocateRing(rows);
  const reader = new EventReader(memory);
  return {
    writer: new EventWriter(memory),
    drain: () => {
      const indexes: number[] = [];
      reader.drain((cells, offset) => indexes.push(cells[offset + COLUMN.index] as number));
      return indexes;
    },
  };
}

const attempt = (index: number): Attempt => new Attempt(3, index, 1_000, 1_250);

describe('the event ring', () => {
  it('hands over every event once, in order, also around its end many times', () => {
    const { writer, drain } = openRing(8);
    let index = 0;
    for (let round = 0; round < 100; round++) {
      const expected = Array.from({ length: 1 + (round % 8) }, () => index++);
      for (const each of expected) writer.write(EVENT.begun, attempt(each), 0);
      expect(drain()).toEqual(expected);
    }
    expect(drain()).toEqual([]);
  });

  it('shows a row that is held back together with the next one', () => {
    const { writer, drain } = openRing(8);
    const session = { step: 3, index: 41, wishUs: 0, attempts: 0, isReconnect: false };
    writer.writeSession(EVENT.sessionBegun, session, 0, { held: true });
    expect(drain()).toEqual([]);
    writer.write(EVENT.begun, attempt(42), 0);
    expect(drain()).toEqual([41, 42]);
  });

  it('carries what an event tells', () => {
    const memory = allocateRing(2);
    const ended = attempt(7);
    ended.establishedUs = 1_300;
    ended.boundary = 'auth-request';
    ended.noteSetup({ totalUs: 5_000, forkUs: 1_000, authUs: 2_000 });
    new EventWriter(memory).write(EVENT.failed, ended, 2_000, 1, 42);
    const seen: Record<string, number> = {};
    new EventReader(memory).drain((cells, offset) => {
      for (const [name, column] of Object.entries(COLUMN))
        seen[name] = cells[offset + column] as number;
    });
    expect(seen).toEqual({
      kind: EVENT.failed,
      step: 3,
      index: 7,
      scheduledUs: 1_000,
      startUs: 1_250,
      atUs: 2_000,
      establishedUs: 1_300,
      spawnedUs: -1,
      encryptedUs: -1,
      authenticatedUs: -1,
      readyUs: -1,
      boundary: 2,
      outcome: 1,
      failure: 42,
      terminatedUs: -1,
      closedUs: -1,
      serverSetupUs: 5_000,
      serverForkUs: 1_000,
      serverAuthUs: 2_000,
      backendAgeUs: -1,
      host: 0,
      connectStartUs: 1_250,
    });
  });
});
