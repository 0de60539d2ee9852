import {
  type Completed,
  type CompletedCommand,
  listCompletions,
  mapNames,
  protocolNames,
  timelineNames,
} from "./model.ts";

export function formatFishCompletion(): string {
  const commands = listCompletions();
  const named = commands.map(
    ({ name, summary }) => `complete -c baleen -n __baleen_is_first -a ${name} -d ${quote(summary)}`,
  );
  return `# Completion for fish. Made by: baleen completion fish

function __baleen_is_first
  test (count (commandline -opc)) -eq 1
end

function __baleen_is
  set -l words (commandline -opc)
  test (count $words) -gt 1; and test $words[2] = $argv[1]
end

function __baleen_bundles
  set -l folder benchmarks
  set -q BALEEN_OUTPUT_DIR; and set folder $BALEEN_OUTPUT_DIR
  echo last
  for path in $folder/*/
    basename $path
  end
  __fish_complete_directories (commandline -ct)
end

complete -c baleen -f
${named.join("\n")}
complete -c baleen -n __baleen_is_first -a help -d ${quote("Shows the help of a command.")}
complete -c baleen -n ${quote("__baleen_is help")} -a ${quote(commands.map(({ name }) => name).join(" "))}

${commands.flatMap(formatCommand).join("\n")}
`;
}

function formatCommand(command: CompletedCommand): string[] {
  const { name, isBinary } = command;
  const ofUmbrella = formatOptions(command, `complete -c baleen -n ${quote(`__baleen_is ${name}`)}`);
  if (!isBinary) return ofUmbrella;
  return [...ofUmbrella, `complete -c ${name} -f`, ...formatOptions(command, `complete -c ${name}`)];
}

function formatOptions({ options, operands }: CompletedCommand, begin: string): string[] {
  const flags = options.map(({ flag, description, value }) => {
    const takes = value === undefined ? [] : [takesFiles(value) ? "-r" : "-x", ...formatWords(value)];
    return [begin, "-l", flag.slice(2), ...takes, "-d", quote(description)].join(" ");
  });
  // Whatever the place: fish tells no places apart.
  const words = operands
    .filter(({ kind }) => kind !== "any")
    .map((operand) => [begin, ...formatWords(operand)].join(" "));
  return [...flags, ...new Set(words)];
}

const takesFiles = ({ kind }: Completed) => ["file", "protocol", "links", "timeline"].includes(kind);

const lists: Readonly<Partial<Record<Completed["kind"], string>>> = {
  bundle: "(__baleen_bundles)",
  folder: "(__fish_complete_directories (commandline -ct))",
  protocol: protocolNames.join(" "),
  links: mapNames.join(" "),
  timeline: timelineNames.join(" "),
};

function formatWords(completed: Completed): string[] {
  const words = completed.kind === "words" ? completed.words.join(" ") : lists[completed.kind];
  return [...(takesFiles(completed) ? ["-F"] : []), ...(words === undefined ? [] : ["-a", quote(words)])];
}

const quote = (text: string) => `'${text.replace(/[\\']/g, "\\$&")}'`;
