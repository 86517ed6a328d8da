import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { createSecureContext, TLSSocket } from 'node:tls';
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import { Attempt } from '../../src/drivers/driver.ts';
import type { Endpoint } from '../../src/drivers/endpoint.ts';
import { chooseLinks } from '../../src/drivers/transport/create-link.ts';
import type { Link, LinkProblem } from '../../src/drivers/transport/link.ts';
import { SocketLink } from '../../src/drivers/transport/socket-link.ts';
import { loadTcpBinding } from '../../src/drivers/transport/tcp-binding.ts';
import { TcpLink } from '../../src/drivers/transport/tcp-link.ts';
import { createCertificate } from '../support/servers/known/certificate.js';
import { localEndpoint } from '../support/synthetic/open-attempt.ts';

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

/** A listener, and its port; `serve` is given every connection. */
async function listen(serve: (socket: Socket) => void, host = '127.0.0.1'): Promise<number> {
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    closing.push(() => socket.destroy());
    socket.on('error', () => {});
    serve(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  closing.push(() => server.close());
  return (server.address() as { port: number }).port;
}

/** The same in a thread of its own, for what happens while this one is held up; `serve` is taken as its source. */
async function listenElsewhere(serve: (socket: Socket) => void): Promise<number> {
  const source = `
    const { createServer } = require('node:net');
    const { parentPort } = require('node:worker_threads');
    const server = createServer((socket) => { socket.on('error', () => {}); (${serve})(socket); });
    server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));`;
  const thread = new Worker(source, { eval: true });
  closing.push(() => void thread.terminate());
  const [port] = await once(thread, 'message');
  return port;
}

/** What a link tells its owner, in order. */
class Witness {
  readonly told: string[] = [];
  readonly problems: LinkProblem[] = [];
  readonly chunks: Buffer[] = [];
  onEstablished = (): void => {};
  onReceived = (): void => {};

  established(): void {
    this.told.push('established');
    this.onEstablished();
  }

  receive(buffer: Buffer, length: number): void {
    this.told.push('received');
    this.chunks.push(Buffer.from(buffer.subarray(0, length)));
    this.onReceived();
  }

  ended(): void {
    this.told.push('ended');
  }

  broken(problem: LinkProblem): void {
    this.told.push('broken');
    this.problems.push(problem);
  }

  get text(): string {
    return Buffer.concat(this.chunks).toString();
  }

  async waitFor(word: string): Promise<void> {
    await until(() => this.told.includes(word));
  }
}

async function until(condition: () => boolean): Promise<void> {
  await expect.poll(condition, { timeout: 10_000, interval: 5 }).toBe(true);
}

const KINDS = [
  ["Node's handle", loadTcpBinding(), TcpLink],
  ['a net.Socket', null, SocketLink],
] as const;

describe.each(KINDS)('a link by %s', (_, binding, Kind) => {
  function open(
    endpoint: Endpoint,
    localAddresses: string[] = [],
    index = 0,
  ): Witness & { link: Link } {
    const witness = new Witness();
    const link = chooseLinks(
      endpoint,
      localAddresses,
      binding,
    )(witness, new Attempt(0, index, 0, 0));
    expect(link).toBeInstanceOf(Kind);
    closing.push(() => link.close());
    link.connect();
    return Object.assign(witness, { link });
  }

  it('says when it is established, and carries bytes both ways', async () => {
    const port = await listen((socket) => socket.pipe(socket));
    const witness = open(localEndpoint(port));
    expect(witness.told).toEqual([]);
    await witness.waitFor('established');
    witness.link.write(Buffer.from('one '));
    witness.link.write(Buffer.from('two'));
    await until(() => witness.text === 'one two');
  });

  it('over IPv6 as well', async (context) => {
    const port = await listen((socket) => socket.end('hello'), '::1').catch(() => undefined);
    if (port === undefined) return context.skip('no IPv6 here');
    const witness = open({ ...localEndpoint(port), address: '::1' });
    await witness.waitFor('ended');
    expect(witness.text).toBe('hello');
  });

  it('reads what came before the end, then tells of the end', async () => {
    const port = await listen((socket) => socket.end('goodbye'));
    const witness = open(localEndpoint(port));
    await witness.waitFor('ended');
    expect(witness.text).toBe('goodbye');
    expect(witness.told.slice(0, 3)).toEqual(['established', 'received', 'ended']);
  });

  it('many at once, each with its own bytes', async () => {
    const port = await listen((socket) => socket.on('data', (bytes) => socket.end(bytes)));
    const all = Array.from({ length: 200 }, (_, i) => ({ witness: open(localEndpoint(port)), i }));
    for (const { witness, i } of all) {
      await witness.waitFor('established');
      witness.link.write(Buffer.from(`number ${i}`));
    }
    for (const { witness, i } of all) {
      await witness.waitFor('ended');
      expect(witness.text).toBe(`number ${i}`);
    }
  });

  it('writes more than the kernel takes at once, in order, and goes on afterwards', async () => {
    const received: Buffer[] = [];
    let count = 0;
    let start: (() => void) | undefined;
    const port = await listen((socket) => {
      start = () =>
        socket.on('data', (bytes) => {
          received.push(bytes);
          count += bytes.length;
        });
    });
    const witness = open(localEndpoint(port));
    await witness.waitFor('established');
    const writes = [Buffer.alloc(20_000_000, 'abcdefg'), Buffer.from('!')];
    for (const bytes of writes) witness.link.write(bytes);
    await until(() => start !== undefined);
    start?.();
    await until(() => count === 20_000_001);
    witness.link.write(Buffer.from('more'));
    await until(() => count === 20_000_005);
    expect(Buffer.concat(received).equals(Buffer.concat([...writes, Buffer.from('more')]))).toBe(
      true,
    );
  });

  it('is refused where nobody listens', async () => {
    const port = await listen(() => {});
    for (const close of closing.splice(0)) close();
    const witness = open(localEndpoint(port));
    expect(witness.told).toEqual([]);
    await witness.waitFor('broken');
    expect(witness.problems).toMatchObject([{ code: 'ECONNREFUSED', syscall: 'connect' }]);
    expect(witness.told).not.toContain('established');
  });

  it('is told of a reset', async () => {
    const port = await listen((socket) => socket.on('data', () => socket.resetAndDestroy()));
    const witness = open(localEndpoint(port));
    await witness.waitFor('established');
    witness.link.write(Buffer.from('go away'));
    await witness.waitFor('broken');
    expect(witness.problems[0]).toMatchObject({ code: 'ECONNRESET', syscall: 'read' });
  });

  it('reads what the other side said before it left, though a write to it fails first', async () => {
    const port = await listenElsewhere((socket) => socket.end('no room'));
    const witness = open(localEndpoint(port));
    witness.onEstablished = () => {
      // Until the other side has long gone.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
      witness.link.write(Buffer.from('this draws a RST'));
      witness.link.write(Buffer.from('this fails'));
      expect(witness.told).toEqual(['established']);
    };
    await until(() => witness.told.length >= 3);
    expect(witness.text).toBe('no room');
  });

  it('cannot come from an address that this machine does not have', async () => {
    const port = await listen(() => {});
    // TEST-NET-1 (RFC 5737).
    const witness = open(localEndpoint(port), ['192.0.2.1']);
    expect(witness.told).toEqual([]);
    await witness.waitFor('broken');
    expect(witness.problems).toMatchObject([{ code: 'EADDRNOTAVAIL', syscall: 'bind' }]);
    expect(witness.told).not.toContain('established');
  });

  it('takes local addresses in turn', async () => {
    const from: (string | undefined)[] = [];
    const port = await listen((socket) => from.push(socket.remoteAddress));
    for (const index of [0, 1, 2]) {
      await open(localEndpoint(port), ['127.0.0.2', '127.0.0.3'], index).waitFor('established');
      await until(() => from.length === index + 1);
    }
    expect(from).toEqual(['127.0.0.2', '127.0.0.3', '127.0.0.2']);
  });

  it('ends with a FIN', async () => {
    let end = '';
    const port = await listen((socket) => {
      socket.on('end', () => (end = 'FIN')).resume();
      socket.on('error', ({ code }: NodeJS.ErrnoException) => (end = `${code}`));
    });
    const witness = open(localEndpoint(port));
    await witness.waitFor('established');
    witness.link.close();
    await until(() => end !== '');
    expect(end).toBe('FIN');
  });

  it('ends with a RST where it is told to', async () => {
    let end = '';
    const port = await listen((socket) => {
      socket.on('end', () => (end = 'FIN')).resume();
      socket.on('error', ({ code }: NodeJS.ErrnoException) => (end = `${code}`));
    });
    const witness = open(localEndpoint(port));
    await witness.waitFor('established');
    witness.link.reset();
    await until(() => end !== '');
    expect(end).toBe('ECONNRESET');
  });

  it('closed before it is established, it says no more of that; twice is no matter', async () => {
    const port = await listen((socket) => socket.end('hello'));
    const witness = open(localEndpoint(port));
    witness.link.close();
    witness.link.close();
    witness.link.write(Buffer.from('late'));
    witness.link.reset();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(witness.told).toEqual([]);
  });

  it("told to, it does not answer the other side's FIN with ours", async () => {
    let ended = false;
    const port = await listen((socket) => {
      socket.on('end', () => (ended = true));
      socket.on('data', () => socket.end('goodbye'));
    });
    const witness = open(localEndpoint(port));
    await witness.waitFor('established');
    witness.link.keepOpen();
    witness.link.write(Buffer.from('goodbye'));
    await witness.waitFor('ended');
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(ended).toBe(false);
    witness.link.close();
    await until(() => ended);
  });
});

describe.each(KINDS)('TLS on a link by %s', (_, binding) => {
  /** Answers an `S` to the first byte, then speaks TLS and sends back what it is sent. */
  async function open(serve: (secured: TLSSocket) => void): Promise<[Witness, Link, TLSSocket]> {
    const { key, cert } = createCertificate();
    const port = await listen((socket) => {
      socket.once('data', () => {
        const secured = new TLSSocket(socket, {
          isServer: true,
          secureContext: createSecureContext({ key, cert }),
        });
        secured.on('error', () => {});
        serve(secured);
        socket.write('S');
      });
    });
    const options = { rejectUnauthorized: false };
    const witness = new Witness();
    const link = chooseLinks(localEndpoint(port), [], binding)(witness, new Attempt(0, 0, 0, 0));
    closing.push(() => link.close());
    // As a driver does: from within the call that tells of the S.
    const secure = new Promise<{ link: Link; secured: TLSSocket }>((resolve) => {
      witness.onReceived = () => {
        witness.onReceived = () => {};
        resolve(link.secure(options));
      };
    });
    link.connect();
    await witness.waitFor('established');
    link.write(Buffer.from('?'));
    const taken = await secure;
    expect(witness.text).toBe('S');
    witness.chunks.splice(0);
    closing.push(() => taken.link.close());
    return [witness, taken.link, taken.secured];
  }

  it('goes on over the connection that there is', async () => {
    const [witness, link, secured] = await open((server) => server.pipe(server));
    await once(secured, 'secureConnect');
    link.write(Buffer.from('hello'));
    await until(() => witness.text === 'hello');
    expect(secured.encrypted).toBe(true);
  });

  it('is told of the end, said or not', async () => {
    const [witness, , secured] = await open((server) => server.once('secure', () => server.end()));
    await once(secured, 'secureConnect');
    await witness.waitFor('ended');
    expect(witness.told).not.toContain('broken');
    const [cheated] = await open((server) => server.once('secure', () => server.destroy()));
    await until(() => cheated.told.includes('broken') || cheated.told.includes('ended'));
  });

  it('ends with a RST where it is told to', async () => {
    let end = '';
    const [, link, secured] = await open((server) => {
      server.on('end', () => (end = 'FIN')).resume();
      server.on('error', ({ code }: NodeJS.ErrnoException) => (end = `${code}`));
    });
    await once(secured, 'secureConnect');
    link.reset();
    await until(() => end !== '');
    expect(end).toBe('ECONNRESET');
  });
});

describe('which link', () => {
  const attempt = new Attempt(0, 0, 0, 0);
  const create = (endpoint: Partial<Endpoint>, binding = loadTcpBinding()): Link =>
    chooseLinks({ ...localEndpoint(1), ...endpoint }, [], binding)(new Witness(), attempt);

  it("is Node's handle for TCP, in every Node that this is tested with", () => {
    expect(loadTcpBinding()).not.toBeNull();
    expect(create({})).toBeInstanceOf(TcpLink);
  });

  it('is a net.Socket for a Unix socket', () => {
    expect(create({ address: `${tmpdir()}/.s.PGSQL.5432` })).toBeInstanceOf(SocketLink);
  });

  it("is a net.Socket where Node's handle is not to be had", () => {
    expect(create({}, null)).toBeInstanceOf(SocketLink);
  });
});

describe("Node's handle", () => {
  const real = (process as unknown as { binding: (name: string) => object }).binding;

  it('is not taken where Node refuses, or has another one', () => {
    const refuse = (): never => {
      throw new Error('No such module: tcp_wrap');
    };
    expect(loadTcpBinding(refuse)).toBeNull();
    expect(loadTcpBinding(() => ({}))).toBeNull();
  });

  it.each([
    'TCP',
    'TCPConnectWrap',
    'constants',
    'WriteWrap',
    'streamBaseState',
    'kReadBytesOrError',
    'kLastWriteWasAsync',
  ])('is not taken without %s', (missing) => {
    const lacking = (name: string) => ({ ...real(name), [missing]: undefined });
    expect(loadTcpBinding(lacking)).toBeNull();
  });

  it.each(['bind6', 'connect', 'readStop', 'useUserBuffer', 'writeBuffer', 'reset'])(
    'is not taken without its %s',
    (missing) => {
      const { TCP } = real('tcp_wrap') as { TCP: new () => object };
      class Poor extends TCP {}
      for (let type: object = TCP.prototype; type !== null; type = Object.getPrototypeOf(type)) {
        if (Object.hasOwn(type, missing))
          Object.defineProperty(Poor.prototype, missing, { value: undefined });
      }
      const poor = (name: string) => ({ ...real(name), TCP: Poor });
      expect(loadTcpBinding(poor)).toBeNull();
    },
  );

  it('may refuse to read before it is connected, as on Windows: then it is asked again', async () => {
    const binding = loadTcpBinding();
    if (binding === null) throw new Error('no handle');
    let refusals = 0;
    class Late extends binding.TCP {
      override readStart(): number {
        if (refusals++ === 0) return -107; // ENOTCONN
        return super.readStart();
      }
    }
    const port = await listen((socket) => socket.end('hello'));
    const witness = new Witness();
    const create = chooseLinks(localEndpoint(port), [], { ...binding, TCP: Late });
    const link = create(witness, new Attempt(0, 0, 0, 0));
    closing.push(() => link.close());
    link.connect();
    await witness.waitFor('ended');
    expect(witness.text).toBe('hello');
    expect(witness.told).not.toContain('broken');
    expect(refusals).toBe(2);
  });
});
