// Gives back what comes, and tells of its end on standard error. "fail" ends it.
process.stdin.on("data", (chunk) => {
  if (String(chunk).startsWith("fail")) {
    process.stderr.write("as it was told\n", () => process.exit(3));
  } else process.stdout.write(chunk);
});
process.stdin.on("end", () => process.stderr.write("no more input\n"));
