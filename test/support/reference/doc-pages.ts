import { readdirSync, readFileSync } from 'node:fs';
import { join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** A page of the docs, and what can be checked in it. */
export interface DocPage {
  /** From the repository's folder on. */
  path: string;
  text: string;
  /** Where its links lead within the repository, as they are written. */
  links: string[];
  /** What a link may name behind `#`. */
  anchors: string[];
  /** Its YAML blocks that are whole scenarios; the name is that of a comment in the first line, such as `# pulse.yaml`, or the line itself. */
  scenarios: { name: string; text: string }[];
}

/** All pages that people read: the README and its like, docs/ and findings/. The changelog tells of commands as they were. */
export function readPages(): DocPage[] {
  const top = readdirSync(ROOT).filter((name) => name.endsWith('.md') && name !== 'CHANGELOG.md');
  const below = ['docs', 'findings'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.md'))
      .map((name) => `${folder}/${name.split(sep).join('/')}`),
  );
  return [...top, ...below].sort().map(readPage);
}

function readPage(path: string): DocPage {
  const text = readFileSync(join(ROOT, path), 'utf8');
  const prose = text
    .replace(/^```[\s\S]*?^```/gm, '')
    .replace(/`[^`\n]*`/g, (code) => code.replace(/[[\]()]/g, ' '));
  const links = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
  const headings = [...text.replace(/^```[\s\S]*?^```/gm, '').matchAll(/^#+ (.*)$/gm)];
  return {
    path,
    text,
    links: links.filter((link) => !/^\w+:/.test(link)),
    anchors: headings.map(([, heading = '']) => slugOf(heading)),
    scenarios: listBlocks(text, 'yaml')
      .filter((block) => /^load:/m.test(block) && /^shows:/m.test(block))
      .map((block) => ({
        name: /^# (\S+\.yaml)\n/.exec(block)?.[1] ?? block.slice(0, 40),
        text: block,
      })),
  };
}

/** As GitHub makes it from a heading. */
function slugOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
}

function listBlocks(text: string, language: string): string[] {
  const blocks = text.matchAll(new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\``, 'gm'));
  return [...blocks].map(([, block = '']) => block);
}

/** The command lines of connstorm in a page, in blocks and in sentences. Left out: what a command printed, what is generated from the commands, and what another test runs. */
export function listCommandLines(page: string): string[] {
  const own = page
    .replace(/<!-- reference:(\S+) [\s\S]*?<!-- reference:\1:end -->/g, '')
    .replace(/<!-- run -->\n```[\s\S]*?^```/gm, '')
    .replace(/<!-- output:(\S+) -->[\s\S]*?<!-- output:\1:end -->/g, '');
  const blocks = listBlocks(own, '').flatMap((block) =>
    [...block.matchAll(/^(?:\$ )?(?:npx )?connstorm (.*)$/gm)].map(([, line = '']) => line),
  );
  const prose = own.replace(/^```[\s\S]*?^```/gm, '');
  const spans = [...prose.matchAll(/`(?:npx )?connstorm ([^`\n]+ [^`\n]+)`/g)].map(
    ([, line = '']) => line,
  );
  return [...new Set([...blocks, ...spans].map((line) => line.replace(/\s+#.*$/, '').trim()))];
}

/** The words of a command line as a shell splits it. Its hosts become an address, as nobody can resolve their names. */
export function splitWords(line: string): string[] {
  const plain = line
    .replace(/ [|>].*$/, '')
    .replaceAll('$DATABASE_URL', 'postgres://ci@db.example/app')
    .replace(/@db(?:\.example)?:/g, '@192.0.2.1:')
    .replace(/@db\.example\//g, '@192.0.2.1/');
  return [...plain.matchAll(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g)].map(([word]) =>
    word.replace(/"([^"]*)"|'([^']*)'/g, (_all, double, single) => double ?? single),
  );
}

/** The blocks that a page marks as to be run. */
export function listMarkedBlocks(page: string): string[] {
  const blocks = page.matchAll(/<!-- run -->\n```\n([\s\S]*?)^```/gm);
  return [...blocks].map(([, block = '']) => block);
}
