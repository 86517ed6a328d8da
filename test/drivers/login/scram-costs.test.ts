import { describe, expect, it } from 'vitest';
import {
  addScramFigures,
  allocateDerivations,
  NO_SCRAM,
  ScramCosts,
} from '../../../src/drivers/login/scram-costs.ts';

describe('ScramCosts', () => {
  it('has no figures before a derivation', () => {
    const costs = new ScramCosts();
    costs.noteSalt('c2FsdA==');
    expect(costs.figures).toBe(NO_SCRAM);
  });

  it('keeps waits to three digits', () => {
    const costs = new ScramCosts();
    costs.noteDerivation(3, costs.noteBegin());
    for (const us of [0, 0, 999, 1234, 1226, 1_234_567]) costs.noteWait(us);
    expect([...costs.figures.waits]).toEqual([
      [0, 2],
      [999, 1],
      [1230, 2],
      [1_230_000, 1],
    ]);
  });
});

describe('a derivation', () => {
  it('is alone where no other begins or ends in it', () => {
    const costs = new ScramCosts();
    costs.noteDerivation(100, costs.noteBegin());
    const first = costs.noteBegin();
    const second = costs.noteBegin();
    costs.noteDerivation(201, first);
    costs.noteDerivation(202, second);
    costs.noteDerivation(300, costs.noteBegin());
    expect([...costs.figures.alone.keys()]).toEqual([100, 300]);
  });

  it('is not alone within a longer one, nor that one', () => {
    const costs = new ScramCosts();
    const longer = costs.noteBegin();
    costs.noteDerivation(10, costs.noteBegin());
    costs.noteDerivation(20, costs.noteBegin());
    costs.noteDerivation(100, longer);
    expect(costs.figures.alone.size).toBe(0);
  });

  it('is not alone beside one of another thread', () => {
    const memory = allocateDerivations();
    const [one, other] = [new ScramCosts(memory), new ScramCosts(memory)];
    const first = one.noteBegin();
    const second = other.noteBegin();
    one.noteDerivation(10, first);
    other.noteDerivation(20, second);
    other.noteDerivation(30, other.noteBegin());
    expect([...one.figures.alone.keys(), ...other.figures.alone.keys()]).toEqual([30]);
  });

  it("that ends without keys is in nobody's way any more", () => {
    const costs = new ScramCosts();
    expect(costs.noteEnd(costs.noteBegin())).toBe(true);
    costs.noteDerivation(100, costs.noteBegin());
    expect([...costs.figures.alone.keys()]).toEqual([100]);
  });
});

describe('addScramFigures', () => {
  const makeFigures = (us: number, salts: number) => {
    const costs = new ScramCosts();
    for (let i = 0; i < salts; i++) costs.noteSalt(`${i}`);
    costs.noteDerivation(us, costs.noteBegin());
    costs.noteWait(us);
    costs.noteWait(0);
    costs.noteAbandoned();
    return costs.figures;
  };

  it('adds up what threads did, whose salts may be the same', () => {
    const added = addScramFigures([makeFigures(300, 2), NO_SCRAM, makeFigures(500, 1)]);
    const waits = new Map([
      [300, 1],
      [0, 2],
      [500, 1],
    ]);
    const alone = new Map([
      [300, 1],
      [500, 1],
    ]);
    const totalUs = 800;
    const counts = { derivations: 2, salts: 2, saltsMet: new Set(['0', '1']), abandoned: 2 };
    expect(added).toEqual({ ...counts, shortestUs: 300, totalUs, waits, alone });
  });

  it('adds up salts that differ from thread to thread', () => {
    const meet = (...salts: string[]) => {
      const costs = new ScramCosts();
      for (const salt of salts) costs.noteSalt(salt);
      costs.noteDerivation(300, costs.noteBegin());
      return costs.figures;
    };
    expect(addScramFigures([meet('a', 'b'), meet('b', 'c', 'd')]).salts).toBe(4);
  });

  it('keeps attempts that were abandoned before a derivation ended', () => {
    const costs = new ScramCosts();
    costs.noteSalt('a');
    costs.noteBegin();
    costs.noteAbandoned();
    const added = addScramFigures([NO_SCRAM, costs.figures]);
    expect(added).toMatchObject({ derivations: 0, salts: 1, shortestUs: 0, abandoned: 1 });
  });

  it('is nothing where nobody derived', () => {
    expect(addScramFigures([NO_SCRAM])).toBe(NO_SCRAM);
  });
});
