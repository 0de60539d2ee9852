import {
  type Completed,
  listCompletions,
  mapNames,
  programs,
  protocolNames,
  timelineNames,
} from "./model.ts";

/** The script for bash, 3.2 and later. */
export function formatBashCompletion(): string {
  const commands = listCompletions();
  const names = commands.map(({ name }) => name).join(" ");
  const flags = commands.map(({ name, options }) => {
    return `    ${name}) options="${[...options.map(({ flag }) => flag), "-h"].join(" ")}" ;;`;
  });
  const operands = commands.flatMap(({ name, operands }) =>
    operands.map((operand, place) => `    "${name} ${place}") takes="${describe(operand)}" ;;`),
  );
  return `# Completion of ${programs.join(", ")} for bash. Made by: baleen completion bash

_baleen_options() {
  case $1 in
${flags.join("\n")}
    *) options= ;;
  esac
}

_baleen_operand() {
  case "$1 $2" in
    "help 0") takes="words ${names}" ;;
${operands.join("\n")}
    *) takes= ;;
  esac
}

# What an option takes; nothing where it is a switch.
_baleen_value() {
  case $1 in
${listValues().join("\n")}
    *) takes= ;;
  esac
}

_baleen_reply() {
  local prefix=$1 word=$2
  while IFS= read -r; do COMPREPLY+=("$prefix$REPLY"); done < <(
    case $takes in
      words*) compgen -W "\${takes#words}" -- "$word" ;;
      file) compgen -f -- "$word" ;;
      folder) compgen -d -- "$word" ;;
      protocol) compgen -W "${protocolNames.join(" ")}" -- "$word"; compgen -f -- "$word" ;;
      links) compgen -W "${mapNames.join(" ")}" -- "$word"; compgen -f -- "$word" ;;
      timeline) compgen -W "${timelineNames.join(" ")}" -- "$word"; compgen -f -- "$word" ;;
      bundle)
        compgen -W last -- "$word"
        (cd -- "\${BALEEN_OUTPUT_DIR:-benchmarks}" 2>/dev/null && compgen -d -- "$word")
        compgen -d -- "$word"
        ;;
    esac
  )
  # In bash 3.2 there is no such thing.
  case $takes in file | folder | protocol | links | timeline | bundle) compopt -o filenames 2>/dev/null ;; esac
}

_baleen() {
  local current=\${COMP_WORDS[COMP_CWORD]} command=\${COMP_WORDS[0]##*/} first=1 place=0
  local previous=\${COMP_WORDS[COMP_CWORD - 1]} options takes i
  COMPREPLY=()
  if [[ $command == baleen ]]; then
    if ((COMP_CWORD == 1)); then
      takes="words ${names} help --help --version"
      _baleen_reply "" "$current"
      return
    fi
    command=\${COMP_WORDS[1]} first=2
  fi
  # "--runtime=pro" is three words where "=" breaks words, as it does unless told otherwise.
  if [[ $current == "=" ]]; then
    _baleen_value "$previous"
    _baleen_reply "" ""
    return
  elif [[ $previous == "=" ]]; then
    _baleen_value "\${COMP_WORDS[COMP_CWORD - 2]}"
    _baleen_reply "" "$current"
    return
  elif [[ $current == --*=* ]]; then
    _baleen_value "\${current%%=*}"
    _baleen_reply "\${current%%=*}=" "\${current#*=}"
    return
  fi
  for ((i = first; i < COMP_CWORD; i++)); do
    case \${COMP_WORDS[i]} in
      =) ((i += 1)) ;;
      -*)
        _baleen_value "\${COMP_WORDS[i]}"
        if [[ -n $takes && \${COMP_WORDS[i + 1]} != "=" ]]; then ((i += 1)); fi
        ;;
      *) ((place += 1)) ;;
    esac
  done
  # The last option is still without its value.
  if ((i > COMP_CWORD)); then
    _baleen_reply "" "$current"
    return
  fi
  _baleen_operand "$command" "$place"
  if [[ $current == -* || -z $takes ]]; then
    _baleen_options "$command"
    takes="words $options"
  fi
  _baleen_reply "" "$current"
}

complete -F _baleen ${programs.join(" ")}
`;
}

/** By the option alone: what it takes is the same with every command. */
function listValues(): string[] {
  const takes = new Map<string, string>();
  for (const { options } of listCompletions()) {
    for (const { flag, value } of options) if (value !== undefined) takes.set(flag, describe(value));
  }
  return [...Map.groupBy(takes, ([, value]) => value)].map(
    ([value, options]) => `    ${options.map(([flag]) => flag).join(" | ")}) takes="${value}" ;;`,
  );
}

const describe = (completed: Completed) =>
  completed.kind === "words" ? `words ${completed.words.join(" ")}` : completed.kind;
