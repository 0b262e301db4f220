import { isRateUnit, type Rate } from '../../src/support/rate-limiter.js';
import { numberOr, textOf } from './values.js';

/** The four properties of a rate limit, whichever node they belong to. */
export interface RateProperties {
  readonly type: unknown;
  readonly messages: unknown;
  readonly periods: unknown;
  readonly unit: unknown;
}

/** The rate that the properties ask for; undefined: none (NODES.md, "Rate limit"). */
export function rateFrom({ type, messages, periods, unit }: RateProperties): Rate | undefined {
  if (textOf(type) !== 'rateLimit') return undefined;
  const unitText = textOf(unit);
  const wanted = numberOr(periods, 1);
  return {
    messages: Math.max(1, Math.floor(numberOr(messages, 1))),
    // Blank or senseless periods count as one, as in 3.0.5.
    periods: wanted > 0 ? wanted : 1,
    unit: isRateUnit(unitText) ? unitText : 'second',
  };
}
