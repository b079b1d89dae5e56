// Completions for bash, the 3.2 of macOS included; they need no package of completions beside them.
import { WORDS, type CompletedFlag } from "./flags.ts";

export function renderBash(flags: readonly CompletedFlag[]): string {
  const names = flags.flatMap((flag) => flag.names);
  const cases = flags
    .filter(({ value }) => value === "needed")
    .map((flag) => `    ${patternOf(flag)}) ${offer(flag)} ;;`);
  const booleans = flags.filter(({ value }) => value === "none").map(patternOf);
  return `# Completions of midge for bash: source this file, or put it where bash-completion looks.
# Made from the table of flags; midge -h tells what they do.

_midge_offer() {
  # Names with spaces are one each.
  local IFS=$'\\n'
  COMPREPLY=($(compgen "$@"))
}

_midge_files() {
  compopt -o filenames 2>/dev/null
  _midge_offer "$1" -- "$cur"
}

_midge() {
  local cur=\${COMP_WORDS[COMP_CWORD]} flag=\${COMP_WORDS[COMP_CWORD-1]} attached=
  COMPREPLY=()
  # bash makes three words of --port=4222.
  if [[ $cur == = ]]; then
    cur= attached=yes
  elif [[ $flag == = && COMP_CWORD -gt 1 ]]; then
    flag=\${COMP_WORDS[COMP_CWORD-2]} attached=yes
  fi
  # -port is as good as --port.
  flag=\${flag#-}
  case \${flag#-} in
${cases.join("\n")}
  esac
  if [[ -n $attached ]]; then
    case \${flag#-} in
      ${booleans.join("|")}) _midge_offer -W $'true\\nfalse' -- "$cur" ;;
    esac
    return
  fi
  if [[ $cur != -* ]]; then
    _midge_offer -W $'${WORDS.join("\\n")}' -- "$cur"
    return
  fi
  local names='${names.join("\n")}'
  _midge_offer -W "$names" -- "$cur"
  [[ \${#COMPREPLY[@]} -gt 0 ]] || _midge_offer -W "\${names//--/-}" -- "$cur"
}

complete -F _midge midge
`;
}

/** The names without dashes, as a pattern of `case`. */
function patternOf({ names }: CompletedFlag): string {
  return names.map((name) => name.replace(/^-+/, "")).join("|");
}

function offer({ offers }: CompletedFlag): string {
  if (offers === "files") return "_midge_files -f; return";
  if (offers === "folders") return "_midge_files -d; return";
  if (offers === "nothing") return "return";
  return `_midge_offer -W $'${offers.join("\\n")}' -- "$cur"; return`;
}
