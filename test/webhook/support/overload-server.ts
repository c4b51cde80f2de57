/** The webhook's server in a process of its own, whose heap can be made small: `overload-server.ts CERT KEY`, as PEM. */
import type { AddressInfo } from 'node:net';
import { buildApp } from '../../../webhook/server/app.ts';
import { facts, settings } from './admission.ts';

const [cert = '', key = ''] = process.argv.slice(2);
/** A busy machine takes longer than a server may. */
const limits = { waitMs: 100_000, answerMs: 100_000, requestMs: 100_000 };
const app = buildApp({ settings, facts, logLevel: 'silent', pair: { cert, key }, limits });
await app.listen({ host: '127.0.0.1', port: 0 });
process.stdout.write(`${(app.server.address() as AddressInfo).port}\n`);
