/** The rate limit in the forms of producer and consumer: so many messages in so many seconds, minutes, … */
import * as checks from './checks.js';
import { field, onInput } from './fields.js';
import { noteCheck } from './notes.js';

/**
 * Shows the limit's fields only where one is chosen.
 * @param suffix of the four properties (`rateTypeSuffix`, `rateSuffix`, `nbRateUnitsSuffix`, `rateUnitsSuffix`)
 */
export function prepareRate(suffix) {
  const type = field('rateType' + suffix);
  const limit = $('.redlink-rate-limit');
  noteCheck(field('rate' + suffix), checks.positive);
  noteCheck(field('nbRateUnits' + suffix), checks.positive);
  onInput([type], () => limit.toggle(type.val() === 'rateLimit'));
}
