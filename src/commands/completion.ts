import { UsageError } from '../errors.ts';
import type { Command, CommandArgs, CommandIo } from './command.ts';

/** `connstorm completion`: prints a shell script, which asks `connstorm complete-words` for the words. */
export const completion: Command = {
  usage: 'completion [shell]',
  summary: 'Print a script that completes command lines in bash or zsh',
  options: (yargs) =>
    yargs.positional('shell', {
      type: 'string',
      describe: 'bash or zsh. The default is the shell that SHELL names.',
    }),
  async execute(args, io) {
    io.stdout.write(SCRIPTS[chooseShell(args, io)]);
    return [];
  },
};

/** If no word fits, bash itself completes files. */
const BASH = `# eval "$(connstorm completion bash)"
_connstorm() {
  local current=\${COMP_WORDS[COMP_CWORD]} found
  if [ "$COMP_CWORD" -eq 1 ]; then
    found=$(connstorm complete-words "$current" 2>/dev/null)
  else
    found=$(connstorm complete-words "\${COMP_WORDS[1]}" "\${COMP_WORDS[COMP_CWORD-1]}" "$current" 2>/dev/null)
  fi
  COMPREPLY=($(compgen -W "$found" -- "$current"))
}
complete -o default -F _connstorm connstorm
`;

/** Works with eval, and as a file named _connstorm in a folder of fpath. */
const ZSH = `#compdef connstorm
# eval "$(connstorm completion zsh)"
_connstorm() {
  local -a found
  # A flag's value: what begins behind = is a file, if anything.
  if [[ $words[CURRENT] == --*=* ]]; then
    compset -P '*='
    _files
    return
  fi
  if (( CURRENT == 2 )); then
    found=(\${(f)"$(connstorm complete-words "$words[2]" 2>/dev/null)"})
  else
    found=(\${(f)"$(connstorm complete-words "$words[2]" "$words[CURRENT-1]" "$words[CURRENT]" 2>/dev/null)"})
  fi
  compadd -a found
  (( CURRENT == 2 )) || [[ $PREFIX == -* ]] || _files
}
if [ "$funcstack[1]" = "_connstorm" ]; then _connstorm "$@"; else compdef _connstorm connstorm; fi
`;

const SCRIPTS = { bash: BASH, zsh: ZSH };
type Shell = keyof typeof SCRIPTS;
export const SHELLS = Object.keys(SCRIPTS) as Shell[];

/** @throws UsageError for another shell */
function chooseShell({ shell }: CommandArgs, { env }: CommandIo): Shell {
  const name = shell === undefined ? (env.SHELL ?? '').replace(/^.*\//, '') : String(shell);
  const known = SHELLS.find((it) => it === name);
  if (known !== undefined) return known;
  const got = shell === undefined ? 'SHELL names neither' : `got "${name}"`;
  throw new UsageError(
    'UNKNOWN_SHELL',
    `completion works for ${SHELLS.join(' and ')}, ${got}: name one of them`,
  );
}
