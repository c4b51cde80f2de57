/** Tests which hosts `aws.noProxy` reaches without the proxy, as Go and curl read NO_PROXY. */
import t from 'tap';
import { bypassesProxy } from '../../../injector/aws/no-proxy.ts';
import { createWorld, secret } from '../support/world.ts';

const STS = 'sts.eu-west-1.amazonaws.com';

const table: [noProxy: string, host: string, direct: boolean, port?: number][] = [
  ['', STS, false],
  [' , ,', STS, false],
  ['*', STS, true],
  [' * ', STS, true],
  ['.internal,*', STS, true],
  ['amazonaws.com', STS, true],
  ['.amazonaws.com', STS, true],
  ['*.amazonaws.com', STS, true],
  ['AmazonAWS.com', STS, true],
  ['amazonaws.com.', STS, true],
  [STS, STS, true],
  ['eu-west-1.amazonaws.com', STS, true],
  ['us-east-1.amazonaws.com', STS, false],
  ['aws.com', STS, false],
  ['.aws.com', STS, false],
  ['*aws.com', STS, false],
  ['amazonaws.com.cn', STS, false],
  ['amazonaws.com:443', STS, true],
  ['.amazonaws.com:443', STS, true],
  ['amazonaws.com:8443', STS, false],
  ['amazonaws.com:8443', 'sts.amazonaws.com', true, 8443],
  ['internal , amazonaws.com', STS, true],
  ['internal amazonaws.com', STS, true],
  ['internal\tamazonaws.com\n', STS, true],
  ['10.0.0.0/8', '10.1.2.3', true],
  ['10.0.0.0/8', '11.1.2.3', false],
  ['10.1.2.3', '10.1.2.3', true],
  ['10.1.2.3:443', '10.1.2.3', true],
  ['10.1.2.3:444', '10.1.2.3', false],
  ['2.3', '10.1.2.3', false],
  ['10.0.0.0/33', '10.1.2.3', false],
  ['10.0.0.0/', '10.1.2.3', false],
  ['/8', '10.1.2.3', false],
  ['0.0.0.0/0', STS, false],
  ['fd00::/8', '[fd00:ec2::23]', true],
  ['fd00::/8', '[fe80::1]', false],
  ['[fd00:ec2::23]:443', '[fd00:ec2::23]', true],
  ['[fd00:ec2::23]', '[fd00:ec2::23]', true],
  ['fd00:ec2:0::23', '[fd00:ec2::23]', true],
  ['', 'localhost', true],
  ['', '127.0.0.1', true],
  ['', '[::1]', true],
];
for (const [noProxy, host, direct, port = 443] of table) {
  t.test(
    `${JSON.stringify(noProxy)} has ${host}:${port} ${direct ? 'reached directly' : 'go through the proxy'}`,
    async (t) => {
      t.equal(bypassesProxy(noProxy, { host, port }), direct);
    },
  );
}

t.test('every host of a request is judged, and none of the others is sent to the proxy', async (t) => {
  const asked = async (noProxy: string): Promise<readonly string[]> => {
    const world = await createWorld(t, undefined, { tls: true, proxy: {} });
    const aws = { httpsProxy: world.aws.proxy?.url ?? '', noProxy, endpointUrl: 'https://sts.aws.invalid' };
    await world.run(world.config([secret('db')], { aws, retryTimeoutSeconds: 0.1 }));
    return [...new Set(world.aws.proxy?.asked)];
  };
  t.strictSame(await asked('aws.invalid'), []);
  t.strictSame(await asked('internal'), ['sts.aws.invalid:443']);
});
