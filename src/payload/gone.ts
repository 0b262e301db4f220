import type { PayloadSource } from '../protocol/payload-source.js';
import { RedlinkError, systemCode } from '../support/errors.js';

/** Whether an error of reading a payload says that it is lost for good, so that no other try can help. */
function saysGone(thrown: unknown): thrown is RedlinkError {
  if (!(thrown instanceof RedlinkError) || thrown.code !== 'PAYLOAD_IO') return false;
  const code = systemCode(thrown.cause);
  return code === undefined || code === 'ENOENT';
}

/** The same source, which tells where reading it shows that what was kept is not there any more. */
export function tellingIfGone(source: PayloadSource, gone: () => void): PayloadSource {
  if (source.text !== undefined) return source;
  return {
    ...source,
    open: () => ({
      [Symbol.asyncIterator]() {
        const bytes = source.open()[Symbol.asyncIterator]();
        return {
          async next() {
            try {
              return await bytes.next();
            } catch (thrown) {
              if (saysGone(thrown)) gone();
              throw thrown;
            }
          },
          async return() {
            await bytes.return?.();
            return { done: true, value: undefined };
          },
        };
      },
    }),
  };
}
