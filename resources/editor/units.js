/** Numbers in handier units, beside their fields. */
import { field, onInput } from './fields.js';

const UNITS_OF_TIME = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];
const UNITS_OF_DATA = [
  ['GiB', 1024 ** 3],
  ['MiB', 1024 ** 2],
  ['KiB', 1024],
];

const language = () => localStorage.getItem('editor-language') || navigator.language;

/** @returns `5 minutes` for 300; nothing for what seconds say best. */
export function readableSeconds(value) {
  const [unit, length] = UNITS_OF_TIME.find(([, seconds]) => Number(value) >= seconds) ?? [];
  if (!unit) return '';
  const format = { style: 'unit', unit, unitDisplay: 'long', maximumFractionDigits: 1 };
  return '= ' + new Intl.NumberFormat(language(), format).format(Number(value) / length);
}

/** @returns `8 GiB` for 8,589,934,592 */
export function readableBytes(value) {
  const [unit, size] = UNITS_OF_DATA.find(([, bytes]) => Number(value) >= bytes) ?? [];
  if (!unit) return '';
  return (
    '= ' +
    new Intl.NumberFormat(language(), { maximumFractionDigits: 1 }).format(Number(value) / size) +
    ' ' +
    unit
  );
}

/** Keeps, in the element after a field, its value in a handier unit. */
export function showReadable(property, readable) {
  const target = field(property).siblings('.redlink-readable');
  onInput([field(property)], () => target.text(readable(field(property).val())));
}
