import type { NodeAPI } from 'node-red';
import type { RedlinkError } from '../../src/support/errors.js';

/** The package's catalogues, one for each node: `locales/LANGUAGE/NAME.json`. */
type CatalogueName = 'redlink-store' | 'redlink-producer' | 'redlink-consumer';

/** Node-RED puts the package's name before that of a catalogue. */
const PACKAGE = 'node-red-contrib-redlink';

/** Values that a text names as `__value__`. */
type Values = Readonly<Record<string, string | number>>;

/** Texts for people, in the language that Node-RED runs in (`lang` in its settings). */
export class Catalogue {
  constructor(
    private readonly RED: NodeAPI,
    private readonly name: CatalogueName,
  ) {}

  /**
   * @param key of the text, without the name of the catalogue
   * @param english what is said where the catalogue cannot be had, with the values already in it
   */
  text(key: string, english: string, values: Values = {}): string {
    return this.look(`${PACKAGE}/${this.name}:${this.name}.${key}`, english, values);
  }

  /** The text of an error; the code stays the same in every language. */
  explain({ code, message }: Pick<RedlinkError, 'code' | 'message'>): string {
    return this.look(`${PACKAGE}/redlink-store:redlink.error.${code}`, message, { text: message });
  }

  private look(key: string, english: string, values: Values): string {
    // Node-RED's types know no values here; its translator has always taken them.
    const translate: (key: string, values: Values) => unknown = this.RED._;
    const found = translate(key, values);
    // A text that is not there comes back as its key, with or without the name of the catalogue.
    const missing = found === key || found === key.slice(key.indexOf(':') + 1);
    return typeof found === 'string' && found !== '' && !missing ? found : english;
  }
}
