import assert from 'node:assert/strict';
import * as checks from '../../resources/editor/checks.js';
import { AddressRanges, PRIVATE_RANGES } from '../../src/support/address-ranges.js';

/** For each check: values that are fine, and values with the problem that they have. */
const CASES: Record<string, { check: checks.Check; fine: unknown[]; wrong: [unknown, string][] }> = {
  port: {
    check: checks.port,
    fine: ['1', 2000, ' 65535 ', '', undefined, '${PORT}'],
    wrong: [
      ['0', 'port'],
      ['65536', 'port'],
      ['-1', 'port'],
      ['20.5', 'port'],
      ['http', 'port'],
    ],
  },
  host: {
    check: checks.host,
    fine: [
      'localhost',
      'a.b-c.example',
      '10.0.0.1',
      '::1',
      '[fe80::1]',
      'fe80::1%eth0',
      'rechner-ü',
      '',
      '${HOST}',
    ],
    wrong: [
      ['https://a.example', 'hostScheme'],
      ['a.example:2000', 'hostPort'],
      ['10.0.0.1:2000', 'hostPort'],
      ['10.0.0', 'host'],
      ['10.0.0.256', 'host'],
      ['two words', 'host'],
      ['user@host', 'host'],
      ['a/b', 'host'],
    ],
  },
  number: { check: checks.number, fine: ['-1', '0.5', 300, '', '${N}'], wrong: [['abc', 'number']] },
  positive: {
    check: checks.positive,
    fine: ['0.1', 1, ''],
    wrong: [
      ['0', 'positive'],
      ['-1', 'positive'],
      ['x', 'positive'],
    ],
  },
  'a whole number': {
    check: checks.wholeNumber(1),
    fine: ['1', 500_000, ''],
    wrong: [
      ['0', 'whole'],
      ['1.5', 'whole'],
      ['many', 'whole'],
    ],
  },
  'a mesh key': {
    check: checks.meshKey,
    fine: ['A'.repeat(43), '', '__PWRD__'],
    wrong: [
      ['A'.repeat(42), 'meshKey'],
      ['!'.repeat(43), 'meshKey'],
    ],
  },
  PEM: {
    check: checks.pem,
    fine: ['-----BEGIN PRIVATE KEY-----abc', '__PWRD__', ''],
    wrong: [['nonsense', 'pem']],
  },
};

/** Ranges that a store takes, and texts that it refuses. */
const RANGES = [...PRIVATE_RANGES, '0.0.0.0/0', '10.1.2.3', '::/0', 'fd00::1'];
const NO_RANGES = [
  '10.0.0.0/33',
  '10.0.0/8',
  'fd00::/129',
  'localhost',
  '10.0.0.0/x',
  '300.0.0.0/8',
  ':::/8',
];

describe('the checks of the forms', () => {
  for (const [name, { check, fine, wrong }] of Object.entries(CASES)) {
    it(`of ${name} find nothing against what works, and name what does not`, () => {
      for (const value of fine) assert.equal(check(value), undefined, String(value));
      for (const [value, key] of wrong) assert.equal(check(value)?.key, key, String(value));
    });
  }

  it('of ranges say the same as the store itself', () => {
    for (const range of RANGES) {
      assert.doesNotThrow(() => new AddressRanges([range]), range);
      assert.equal(checks.range(range), undefined, range);
    }
    for (const range of NO_RANGES) {
      assert.throws(() => new AddressRanges([range]), /address range/, range);
      assert.equal(checks.range(range)?.key, 'range', range);
    }
    assert.deepEqual(checks.ranges(['10.0.0.0/8', 'x']), { key: 'range', range: 'x' });
    assert.equal(checks.ranges(undefined), undefined);
  });
});
