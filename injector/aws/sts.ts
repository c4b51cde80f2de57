/** Is the client of STS, whose protocol is Query with XML. */
import { REST } from './answer.ts';
import { readXml } from './protocol.ts';
import { createRequests, type Target } from './requests.ts';

/** The version of the API. */
const VERSION = '2011-06-15';

/** Is the client of STS in one region. */
export type Sts = {
  /** Makes one request, and returns how to read an element of the answer. Only AssumeRole is signed. */
  send(
    operation: 'AssumeRole' | 'AssumeRoleWithWebIdentity',
    form: Readonly<Record<string, string>>,
  ): Promise<(element: string) => string | undefined>;
  destroy(): void;
};

/** Creates the client of STS. Calls `onConnected` after each TLS handshake. */
export function createSts(target: Target, onConnected: () => void): Sts {
  const requests = createRequests('sts', target, onConnected);
  return {
    send: async (Action, form) => {
      const body = new URLSearchParams({ Action, Version: VERSION, ...form }).toString();
      const headers = { 'content-type': 'application/x-www-form-urlencoded' };
      return readXml(await requests.post({ headers, body, limit: REST, isSigned: Action === 'AssumeRole' }));
    },
    destroy: requests.close,
  };
}
