import type { Aws } from '../../aws/server.ts';

/** Bytes that are no UTF-8 and end in what a careless reader would cut. */
const BINARY = Buffer.from([0, 1, 2, 0xff, 0xfe, 0x0a, 0x0a]);

export type Secrets = ReturnType<typeof plantSecrets>;

/** Puts the secrets that all topics read into AWS. Every value holds the canary, the binary one as its tail. */
export function plantSecrets(aws: Aws, canary: string) {
  const user = `${canary}-user`;
  const password = `${canary} p'a"s$HOME \`word\`\\ é\n`;
  const plain = `${canary} first line\nsecond line\n`;
  const binary = Buffer.concat([Buffer.from(canary), BINARY]);
  const key = `${canary}-key`;
  const database = JSON.stringify({ username: user, password });
  aws.setSecret({ name: 'e2e/db', value: database });
  aws.setSecret({ name: 'e2e/plain', value: plain });
  aws.setSecret({ name: 'e2e/binary', value: binary });
  aws.setSecret({ name: 'e2e/forbidden', value: `${canary}-forbidden` });
  aws.setParameter({ name: '/e2e/key', value: `${canary}-old-key`, type: 'SecureString' });
  aws.setParameter({ name: '/e2e/key', value: key, type: 'SecureString' });
  return { user, password, plain, binary, key, oldKey: `${canary}-old-key`, database };
}
