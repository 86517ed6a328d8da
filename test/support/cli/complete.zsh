# Types lines into an interactive shell on a terminal of zsh's own, Tab behind each, and prints what each line has become.
# Arguments: the shell's command line; its set-up, one command a line, the last of which says `ready-now` in two pieces; the key
# that has the shell print its line as <<<line>>>; the lines.
emulate -R zsh
zmodload zsh/zpty
command=$1 setup=$2 print_key=$3
shift 3
zpty shell $command
for line in ${(f)setup}; do zpty -w shell $line; done
zpty -r -m shell out '*ready-now*'
for line in "$@"; do
  zpty -w -n shell $line$'\t'$print_key
  zpty -r -m shell out '*<<<*>>>*'
  print -r -- ${${out##*<<<}%%>>>*}
done
zpty -d shell
