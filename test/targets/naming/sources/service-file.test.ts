import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../../src/errors.ts';
import { LIBPQ_KEYWORDS } from '../../../../src/targets/naming/sources/parameters.ts';
import { listServices, parseService } from '../../../../src/targets/naming/sources/service-file.ts';

function parse(text: string, service = 'a') {
  const given = parseService(text, service, { path: '/f', keywords: LIBPQ_KEYWORDS });
  return given && Object.fromEntries([...given].map(([keyword, { value }]) => [keyword, value]));
}

/** What psql 15 makes of the same is in test/live/libpq-service.test.ts. */
describe('parseService', () => {
  it.each<[string, string, object | undefined]>([
    ['a section', '[a]\nhost=db\nport=1\n', { host: 'db', port: '1' }],
    ['comments and blank lines', '# x\n[a]\n\n  # y\n host=db \t\n', { host: 'db' }],
    ['lines that end as on Windows', '[a]\r\nhost=db\r\n', { host: 'db' }],
    ['the first value of a keyword', '[a]\nuser=one\nuser=two\n', { user: 'one' }],
    ['the first section of a name', '[a]\nuser=one\n[a]\nport=1\n', { user: 'one' }],
    ['a blank behind =', '[a]\nuser= one\n', { user: ' one' }],
    ['= and # in a value', '[a]\npassword=a=b # c\n', { password: 'a=b # c' }],
    ['quotes as they are', "[a]\nuser='me'\n", { user: "'me'" }],
    ['an empty value', '[a]\nport=\n', { port: '' }],
    ['what follows ]', '[a] x\nport=1\n', { port: '1' }],
    ['an empty section', '[a]\n', {}],
    ['no section of that name', '[b]\nport=1\n[A]\n[ a ]\n[a\n', undefined],
    [
      'nonsense in other sections',
      'nonsense\n[b]\nnonsense\n[a]\nport=1\n[c]\nnonsense',
      { port: '1' },
    ],
  ])('reads %s', (_, text, expected) => {
    expect(parse(text)).toEqual(expected);
  });

  it.each<[string, RegExp]>([
    ['[a]\nhost=db\nnonsense hunter2', /^service file \/f, line 3: a line must be keyword=value$/],
    [
      '[a]\nhots=hunter2',
      /^service file \/f, line 2: unknown keyword "hots"; did you mean `host`\?$/,
    ],
    ['[a]\nhost = hunter2', /line 2: there must be no blank before =, as in host=value$/],
    ['[a]\nservice=b', /line 2: a service cannot name another \(service\): leave it out$/],
    ['[a]\nservicefile=/g', /line 2: a service cannot name another \(servicefile\)/],
    ['[a]\nit is hunter2=', /line 2: unknown keyword before =$/],
    ['[a]\nldap://host/x?y?z', /line 2: connstorm cannot ask an LDAP server/],
  ])('refuses %j', (text, message) => {
    const read = () => parse(text);
    expect(read).toThrow(UsageError);
    expect(read).toThrow(message);
    expect(read).not.toThrow(/hunter2/);
  });

  it('tells where a value comes from', () => {
    const given = parseService('[a]\n\nport=x\n', 'a', { path: '/f', keywords: LIBPQ_KEYWORDS });
    expect(given?.get('port')?.source).toBe('service "a" (/f, line 3): port');
  });

  it('lists the names of sections', () => {
    expect(listServices('[a]\nx=[b]\n [c d]\n# [e]\n')).toEqual(['a', 'c d']);
  });
});
