import {
  type Completed,
  type CompletedCommand,
  type CompletedOption,
  listCompletions,
  mapNames,
  programs,
  protocolNames,
  timelineNames,
} from "./model.ts";

/** The script for zsh: to be sourced after compinit, or to be put into a folder of fpath. */
export function formatZshCompletion(): string {
  const commands = listCompletions();
  const described = commands.map(({ name, summary }) => `    ${quote(`${name}:${summary}`)}`);
  return `#compdef ${programs.join(" ")}
# Completion for zsh. Made by: baleen completion zsh

_baleen_bundles() {
  local -a bundles
  bundles=(last \${BALEEN_OUTPUT_DIR:-./benchmarks}/*(N/:t))
  compadd -a bundles
  _files -/
}

_baleen_links() {
  compadd -- ${mapNames.join(" ")}
  _files
}

_baleen_timelines() {
  compadd -- ${timelineNames.join(" ")}
  _files
}

_baleen_protocols() {
  compadd -- ${protocolNames.join(" ")}
  _files
}

${commands.map(formatCommand).join("\n\n")}

_baleen() {
  local command=$service
  local -a commands
  commands=(
${described.join("\n")}
    ${quote("help:Shows the help of a command.")}
  )
  if [[ $service == baleen ]]; then
    if (( CURRENT == 2 )); then
      _describe command commands
      return
    fi
    command=$words[2]
    if [[ $command == help ]]; then
      _describe command commands
      return
    fi
    shift words
    (( CURRENT -= 1 ))
  fi
  (( $+functions[_baleen_of_$command] )) && _baleen_of_$command
}

if [[ $funcstack[1] == _baleen ]]; then
  _baleen "$@"
else
  compdef _baleen ${programs.join(" ")}
fi
`;
}

function formatCommand({ name, options, operands }: CompletedCommand): string {
  const specs = [
    ...options.map(formatOption),
    ...operands.map((operand, index) => `${index + 1}:${describe(operand)}:${formatAction(operand)}`),
  ];
  return `_baleen_of_${name}() {\n  _arguments \\\n${specs.map((spec) => `    ${quote(spec)}`).join(" \\\n")}\n}`;
}

function formatOption({ flag, description, isRepeatable, value }: CompletedOption): string {
  const many = isRepeatable ? "*" : "";
  const text = `[${escapeText(description)}]`;
  return value === undefined
    ? `${many}${flag}${text}`
    : `${many}${flag}=${text}:${describe(value)}:${formatAction(value)}`;
}

const describe = ({ kind }: Completed) => (kind === "words" || kind === "any" ? "value" : kind);

const actions = {
  bundle: "_baleen_bundles",
  protocol: "_baleen_protocols",
  links: "_baleen_links",
  timeline: "_baleen_timelines",
  file: "_files",
  folder: "_files -/",
  any: " ",
} as const;

const formatAction = (completed: Completed) =>
  completed.kind === "words" ? `(${completed.words.join(" ")})` : actions[completed.kind];

/** Brackets end an explanation, and a colon a part of what \`_arguments\` takes. */
const escapeText = (text: string) => text.replace(/[[\]:\\]/g, "\\$&");

const quote = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
