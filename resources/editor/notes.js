/** Notes below fields: warnings, and what is good to know. */
import { onInput } from './fields.js';
import { markSection } from './sections.js';
import { text } from './texts.js';

/**
 * Keeps a note below a field, read out by screen readers. A warning never makes a node invalid: what an
 * older version saved stays valid.
 * @param target the field, or an element with a field in it
 * @param noteFor gives what to say: a text (a warning), `{ info: text }`, or nothing
 * @param others further fields that the note depends on
 */
export function note(target, noteFor, others = []) {
  const id = 'redlink-note-' + $('.redlink-note').length;
  const box = $(
    '<div class="redlink-note" role="status"><i class="fa" aria-hidden="true"></i><span></span></div>',
  );
  box.attr('id', id).insertAfter(target.closest('.form-row'));
  target.attr('aria-describedby', [target.attr('aria-describedby'), id].filter(Boolean).join(' '));
  const update = () => {
    const said = noteFor(target.val());
    const info = said?.info;
    const words = info ?? (typeof said === 'string' ? said : '');
    const warns = words !== '' && info === undefined;
    box
      .toggleClass('redlink-warning', warns)
      .toggleClass('redlink-hidden', words === '')
      .toggle(words !== '');
    box.children('i').toggle(warns).toggleClass('fa-exclamation-triangle', warns);
    // Written only where it changes: a screen reader reads it again otherwise.
    if (box.children('span').text() !== words) box.children('span').text(words);
    target.toggleClass('redlink-warned', warns);
    markSection(box.closest('.redlink-section'));
  };
  onInput([target, ...others], update);
  return update;
}

/** A note of what a check finds; see `checks.js`. */
export function noteCheck(target, check, others = []) {
  return note(target, (value) => problemText(check(value)), others);
}

/** @returns the problem in words, or nothing */
export function problemText(problem) {
  return problem && text('check.' + problem.key, problem);
}

/**
 * A check as a validator of a property. Only for what 3.0.5 did not have: no value that it saved is invalid.
 * Node-RED takes a text as the reason from a validator with two parameters alone.
 */
export function validator(check) {
  return (value, options) => {
    const problem = problemText(check(value));
    return problem === undefined || (options?.label ? options.label + ': ' : '') + problem;
  };
}
