import { RedlinkError, type ErrorCode } from '../support/errors.js';

/** Why a store does not take a request or a peer, and what to do about it: the text for people by code. */
const TEXTS = {
  BAD_SIGNATURE: 'a request was changed on its way, or is not signed with its key',
  CERTIFICATE_MISMATCH:
    'the certificate seen is not the one that the store uses: somebody stands between, or a proxy ends the connection',
  CERTIFICATE_REQUIRED: 'no client certificate was shown, and the mesh asks for one',
  CERTIFICATE_UNTRUSTED: 'the certificate is not signed by the authority of the mesh, or has expired',
  CLOCK_SKEW: 'the clocks of the two machines differ by more than 60 s',
  MESH_KEY_UNKNOWN: 'the two stores have different mesh keys',
  NAME_NOT_PROVEN: "the certificate does not have the store's name among its alternative names",
  NOT_A_STORE: 'what answers there is no redlink store',
  NOT_SIGNED:
    'one side is in mesh mode, the other does not prove that it belongs (legacy mode, or redlink 3)',
  OTHER_MESH: 'the two stores have different mesh names, which mesh mode does not link',
  PEER_IS_LEGACY: 'the store there is in legacy mode, or is a redlink 3, and cannot prove that it belongs',
  REPLAYED: 'a request came twice, or far too late',
  WRONG_AUDIENCE: 'a request was meant for another store',
} as const satisfies Partial<Record<ErrorCode, string>>;

export type RefusalCode = keyof typeof TEXTS;

/** The error for a refusal. @param more what else is known, such as names or by how much */
export function refused(code: RefusalCode, more = ''): RedlinkError {
  return new RedlinkError(code, more === '' ? TEXTS[code] : `${TEXTS[code]} (${more})`);
}

/** The code of a refusal in what another store answered; its words are not repeated. */
export function refusalCode(text: string | undefined): RefusalCode | undefined {
  return text !== undefined && isRefusalCode(text) ? text : undefined;
}

function isRefusalCode(text: string): text is RefusalCode {
  return Object.hasOwn(TEXTS, text);
}
