import { beforeEach, describe, expect, it } from 'vitest';
import { closedByServer, notPostgres } from '../../../src/drivers/failure.ts';
import type { Stage } from '../../../src/drivers/lifecycle/stage.ts';
import {
  fakeTime,
  pass,
  reachStage,
  serverSays,
  TIMEOUT_MS,
} from '../../support/synthetic/lifecycle-probe.ts';

beforeEach(fakeTime);

describe('what an event means at a stage', () => {
  it.each<[Stage, string[]]>([
    ['connecting', ['drop', 'failed network tcp CLOSED']],
    ['ssl-reply', ['drop', 'failed network spawn CLOSED']],
    ['handshake', ['drop', 'failed network tls CLOSED']],
    ['login', ['drop', 'failed network spawn CLOSED']],
    ['querying', ['drop', 'queryFailed network query CLOSED']],
    ['sampling', ['drop', 'cut network query CLOSED']],
    ['holding', ['drop', 'cut network hold CLOSED']],
    ['closing', ['drop', 'closed network close CLOSED']],
    ['over', []],
  ])('the other side breaks it off: %s', (stage, told) => {
    const probe = reachStage(stage);
    probe.life.broken(closedByServer(probe.life.phase));
    expect(probe.take()).toEqual(told);
    expect(probe.life.stage).toBe('over');
  });

  it.each<[Stage, string[]]>([
    ['connecting', ['drop', 'failed timeout tcp TIMEOUT']],
    ['ssl-reply', ['drop', 'failed timeout spawn TIMEOUT']],
    ['handshake', ['drop', 'failed timeout tls TIMEOUT']],
    ['login', ['drop', 'failed timeout spawn TIMEOUT']],
    ['querying', ['drop', 'queryFailed timeout query TIMEOUT']],
    // The question was ours.
    ['sampling', ['leave', 'drop', 'closed']],
    ['holding', []],
    ['closing', ['drop', 'closed timeout close TIMEOUT']],
    ['over', []],
  ])('its time is over: %s', async (stage, told) => {
    const probe = reachStage(stage);
    await pass(TIMEOUT_MS - 1);
    expect(probe.take()).toEqual([]);
    await pass(1);
    expect(probe.take()).toEqual(told);
  });

  it.each<[Stage, told: string[], stillAt: Stage]>([
    ['ssl-reply', ['drop', 'failed server spawn 42501'], 'over'],
    ['login', ['drop', 'failed server spawn 42501'], 'over'],
    ['querying', ['drop', 'queryFailed server query 42501'], 'over'],
    ['sampling', [], 'sampling'],
    ['holding', [], 'holding'],
  ])('the server says ERROR: %s', (stage, told, stillAt) => {
    const probe = reachStage(stage);
    probe.life.serverError(serverSays('ERROR', '42501', probe));
    expect(probe.take()).toEqual(told);
    expect(probe.life.stage).toBe(stillAt);
  });

  it.each<[Stage, string[]]>([
    ['login', ['drop', 'failed server spawn 57P01']],
    ['querying', ['drop', 'queryFailed server query 57P01']],
    ['sampling', ['drop', 'cut server query 57P01']],
    ['holding', ['drop', 'cut server hold 57P01']],
  ])('the server says FATAL: %s', (stage, told) => {
    const probe = reachStage(stage);
    probe.life.serverError(serverSays('FATAL', '57P01', probe));
    expect(probe.take()).toEqual(told);
  });

  it.each<[Stage, string[]]>([
    ['connecting', ['drop', 'cancelled']],
    ['ssl-reply', ['drop', 'cancelled']],
    ['handshake', ['drop', 'cancelled']],
    ['login', ['drop', 'cancelled']],
    ['querying', []],
    ['sampling', []],
    ['holding', []],
    ['closing', []],
    ['over', []],
  ])('attempts are cancelled: %s', (stage, told) => {
    const probe = reachStage(stage);
    probe.live.cancelAttempts();
    expect(probe.take()).toEqual(told);
  });

  it.each<[Stage, softly: string[], atOnce: string[]]>([
    ['connecting', [], []],
    ['ssl-reply', [], []],
    ['handshake', [], []],
    ['login', [], []],
    ['querying', [], ['leave', 'drop', 'closed']],
    ['sampling', [], ['leave', 'drop', 'closed']],
    ['holding', ['leave', 'drop', 'closed'], ['leave', 'drop', 'closed']],
    ['closing', [], ['drop', 'closed']],
    ['over', [], []],
  ])('connections are closed: %s', (stage, softly, atOnce) => {
    const soft = reachStage(stage);
    soft.live.closeConnections();
    expect(soft.take()).toEqual(softly);
    const hard = reachStage(stage);
    hard.live.closeConnections(true);
    expect(hard.take()).toEqual(atOnce);
  });

  it.each<[Stage, string[]]>([
    ['ssl-reply', ['drop', 'failed protocol spawn NOT_POSTGRES']],
    ['login', ['drop', 'failed protocol spawn NOT_POSTGRES']],
    ['querying', ['first query', 'ask query']],
    ['sampling', []],
    ['holding', []],
    ['closing', []],
    ['over', []],
  ])('the server is ready for a query: %s', (stage, told) => {
    const probe = reachStage(stage);
    probe.life.ready();
    expect(probe.take()).toEqual(told);
  });

  it('is judged by us in an attempt alone', () => {
    const attempt = reachStage('login');
    attempt.life.fail(notPostgres('auth', 'nonsense'));
    expect(attempt.take()).toEqual(['drop', 'failed protocol auth NOT_POSTGRES']);
    const connection = reachStage('holding');
    connection.life.fail(notPostgres('hold', 'nonsense'));
    expect(connection.take()).toEqual([]);
  });
});
