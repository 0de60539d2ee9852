/** Shows the page that its address names. */
import { formatBytes } from "../../results/report/text/figures.ts";
import { showCompare } from "./compare-page.ts";
import { element, setText, show } from "./dom.ts";
import { ask } from "./requests.ts";
import { showRun } from "./run-page.ts";
import { showRuns } from "./runs-page.ts";

interface Status {
  readonly version: string;
  readonly cpuSecs: number;
  readonly memoryBytes: number;
  readonly upSecs: number;
  readonly streams: number;
  readonly takesChanges: boolean;
}

const statusEveryMs = 5_000;

function placeOf(id: string): HTMLElement {
  const place = document.getElementById(id);
  if (place === null) throw new Error(`#${id} is missing`);
  return place;
}

const onState = (isOpen: boolean) =>
  setText(placeOf("connection"), isOpen ? "" : "Disconnected; trying again …");

/** What the server uses, from what it has used since the last look. */
async function followStatus(): Promise<void> {
  let before: Status | undefined;
  const look = async () => {
    const status = await ask<Status>("/api/status");
    const since = before ?? { cpuSecs: 0, upSecs: 0 };
    const percent = (100 * (status.cpuSecs - since.cpuSecs)) / Math.max(0.1, status.upSecs - since.upSecs);
    const pages = `${status.streams} ${status.streams === 1 ? "page" : "pages"} watching`;
    const used = `this server uses ${percent.toFixed(1)} % of a core and ${formatBytes(status.memoryBytes)}`;
    setText(placeOf("footer"), `Baleen ${status.version} · ${pages} · ${used}`);
    before = status;
  };
  for (;;) {
    await look().catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, statusEveryMs));
  }
}

async function main(): Promise<void> {
  const place = placeOf("main");
  const query = new URLSearchParams(location.search);
  for (const link of document.querySelectorAll("nav a")) {
    if (link.getAttribute("href") === location.pathname) link.setAttribute("aria-current", "page");
  }
  void followStatus();
  if (location.pathname === "/run") {
    const { takesChanges } = await ask<Status>("/api/status");
    showRun(place, query, { takesChanges, onState });
  } else if (location.pathname === "/compare") await showCompare(place, query);
  else showRuns(place, onState);
}

main().catch((error: unknown) => {
  const message = error instanceof Error ? error.message : String(error);
  show(placeOf("main"), element("p", { class: "bad note" }, message));
});
