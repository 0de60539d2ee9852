// Loaded by every Node.js that a benchmark starts: in the link shaper, what it reads is changed on the way to it.
const [, entry = ""] = process.argv;
const wrongMs = 5;

if (/\/shaper\/main\.[jt]s$/.test(entry)) {
  const { parse } = JSON;
  let link;
  JSON.parse = (text, ...others) => {
    const command = parse(text, ...others);
    // A trial opens no links.
    if (command?.type !== "open" || command.links.length === 0) return command;
    link = command.links[0];
    if (process.env.TEST_WRONG_TABLE !== "from the start") return command;
    return { ...command, links: [{ ...link, delay_ms: wrongMs }, ...command.links.slice(1)] };
  };
  process.on("SIGUSR2", () => {
    const command = { type: "set", id: "wrong", links: [{ ...link, delay_ms: wrongMs }] };
    process.stdin.emit("data", Buffer.from(`${JSON.stringify(command)}\n`));
  });
}
