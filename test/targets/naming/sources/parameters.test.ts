import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../../src/errors.ts';
import { parseConnectionString } from '../../../../src/targets/naming/sources/connection-string.ts';
import { readParameters } from '../../../../src/targets/naming/sources/parameters.ts';

const read = (text: string) => readParameters(parseConnectionString(text));
const HOSTS = [{ host: undefined, hostAddress: undefined, port: 5432 }];

describe('readParameters', () => {
  it.each([
    ['postgres://', { hosts: HOSTS }],
    ["dbname= user='' connect_timeout=0", { hosts: HOSTS, database: "user=''" }],
    ["user='' application_name=''", { hosts: HOSTS }],
    [
      'sslrootcert=system sslcert=a sslkey=/c sslnegotiation=direct channel_binding=require',
      {
        hosts: HOSTS,
        sslrootcert: 'system',
        sslcert: 'a',
        sslkey: '/c',
        sslnegotiation: 'direct',
        channelBinding: 'require',
      },
    ],
    [
      "options='-c a=b' connect_timeout=3 target_session_attrs=read-write load_balance_hosts=random",
      {
        hosts: HOSTS,
        options: '-c a=b',
        connectTimeoutS: 3,
        sessionAttrs: 'read-write',
        loadBalanceHosts: 'random',
      },
    ],
    [
      'sslpassword=p ssl_min_protocol_version=tlsv1 ssl_max_protocol_version=TLSv1.3',
      { hosts: HOSTS, sslpassword: 'p', tlsMinVersion: 'TLSv1', tlsMaxVersion: 'TLSv1.3' },
    ],
    ['connect_timeout=1', { hosts: HOSTS, connectTimeoutS: 1 }],
    ['connect_timeout=0', { hosts: HOSTS }],
    ['connect_timeout=-5', { hosts: HOSTS }],
    [
      'passfile=/p fallback_application_name=f',
      {
        hosts: HOSTS,
        passwordFile: '/p',
        fallbackApplicationName: 'f',
      },
    ],
    ['gssencmode=disable sslcompression=0 replication=false', { hosts: HOSTS }],
    ['client_encoding=LATIN1', { hosts: HOSTS, clientEncoding: 'LATIN1' }],
    [
      'keepalives=0 keepalives_idle=1 tcp_user_timeout=2',
      { hosts: HOSTS, keepalives: false, keepalivesIdleS: 1, tcpUserTimeoutMs: 2 },
    ],
  ])('reads %j', (text, expected) => {
    expect(read(text)).toEqual(expected);
  });

  it.each([
    ['host=a', ['a 5432']],
    ['host=a port=1', ['a 1']],
    ['port=1', ['- 1']],
    ['host=a,b port=1', ['a 1', 'b 1']],
    ['host=a,b port=1,2', ['a 1', 'b 2']],
    ['host=a,b port=,2', ['a 5432', 'b 2']],
    ['host=a,b', ['a 5432', 'b 5432']],
    ['host=,b', ['- 5432', 'b 5432']],
    ['host=a, port=1,2', ['a 1', '- 2']],
    ['host=/tmp,b port=6,7', ['/tmp 6', 'b 7']],
    ['host=a,b hostaddr=10.0.0.1,10.0.0.2', ['a=10.0.0.1 5432', 'b=10.0.0.2 5432']],
    ['host=a,b hostaddr=,10.0.0.2', ['a 5432', 'b=10.0.0.2 5432']],
    ['hostaddr=10.0.0.1,::1 port=1', ['-=10.0.0.1 1', '-=::1 1']],
    ['postgres://a:1,[::1],:3', ['a 1', '::1 5432', '- 3']],
    ['postgres://a,b?port=7', ['a 7', 'b 7']],
  ])('reads the hosts of %s', (text, expected) => {
    const found = read(text).hosts.map(({ host = '-', hostAddress, port }) =>
      hostAddress === undefined ? `${host} ${port}` : `${host}=${hostAddress} ${port}`,
    );
    expect(found).toEqual(expected);
  });

  it.each([
    ['host=a,b port=1,2,3', /names 3 ports for 2 hosts: give one port for all, or one for each/],
    ['host=a port=1,2', /names 2 ports for one host: /],
    ['host=a,b hostaddr=10.0.0.1', /names 2 hosts and 1 of hostaddr/],
    ['host=@abstract', /is an abstract Unix socket, which is not supported: name the .* directory/],
    [`host=/${'x'.repeat(120)}`, /the path of the Unix socket is too long .*at most \d+ bytes/],
    ["host='a b'", /host must be a host name, an IP address or a Unix socket's directory/],
    [`host=${'a,'.repeat(100)}a`, /at most 100 hosts, got 101/],
    ['hostaddr=db', /hostaddr must be an IP address/],
    ['postgres://h:0', /port must be a number from 1 to 65535, got 0/],
    ['postgres://h:65536', /got 65536/],
    [
      'postgres://h:-1',
      /port must be a number from 1 to 65535: if a part of a password got there, write @/,
    ],
    [
      'sslmode=allow',
      /sslmode must be disable, .*, verify-full, got "allow"; allow would try .* use prefer or disable$/,
    ],
    ['sslnegotiation=quick', /must be postgres, direct, got "quick"/],
    ['channel_binding=on', /must be disable, prefer, require, got "on"/],
    ['target_session_attrs=master', /must be any, read-write, .*prefer-standby, got "master"/],
    ['load_balance_hosts=yes', /must be disable, random, got "yes"/],
    ['connect_timeout=2s', /connect_timeout must be whole seconds, got "2s"/],
    ['connect_timeout=601', /must be at most 600 seconds, got 601/],
    ['sslcrldir=x', /sslcrldir is not supported: .*: put them into one file, for sslcrl$/],
    ['gssencmode=require', /gssencmode is not supported/],
    ['ssl_min_protocol_version=SSLv3', /must be TLSv1, TLSv1\.1, TLSv1\.2, TLSv1\.3, got "SSLv3"/],
    ['max_protocol_version=3.2', /max_protocol_version is not supported: .*default/],
  ])('refuses %s with a clear message', (text, message) => {
    expect(() => read(text)).toThrow(UsageError);
    expect(() => read(text)).toThrow(message);
  });
});
