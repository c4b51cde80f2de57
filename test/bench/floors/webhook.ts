/**
 * The least that a webhook in Node can do: reads the body, parses it, and answers the same patch every time. Arguments:
 * port, folder with tls.crt and tls.key, file with the patch.
 */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';

const [port, folder, patchFile = ''] = process.argv.slice(2);
const patch = readFileSync(patchFile, 'base64');
const [cert, key] = ['tls.crt', 'tls.key'].map((name) => readFileSync(`${folder}/${name}`));

createServer({ cert, key, keepAliveTimeout: 120_000 }, (request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const { uid } = JSON.parse(Buffer.concat(chunks).toString()).request;
    const answer = { uid, allowed: true, patchType: 'JSONPatch', patch };
    const body = JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: answer });
    response
      .writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
      .end(body);
  });
}).listen(Number(port), '127.0.0.1');
