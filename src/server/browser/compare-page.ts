/** Two bundles beside each other. */
import type { ListedBundle } from "../../results/bundle/list-bundles.ts";
import { element, show, table } from "./dom.ts";
import { address, ask } from "./requests.ts";
import { titleOf } from "./runs-page.ts";
import { dateOf } from "./texts.ts";

interface Difference {
  readonly name: string;
  readonly a?: unknown;
  readonly b?: unknown;
  readonly refused?: boolean;
}

interface CompareAnswer {
  readonly comparison: { readonly differences?: readonly Difference[] };
  readonly text: string;
}

export async function showCompare(place: Element, query: URLSearchParams): Promise<void> {
  const bundles = (await ask<readonly ListedBundle[]>("/api/bundles")).filter(({ state }) =>
    state.startsWith("ended"),
  );
  const choice = (side: "a" | "b") => {
    const options = bundles.map((bundle) =>
      element("option", { value: bundle.name }, `${titleOf(bundle)} · ${dateOf(bundle.startedAt)}`),
    );
    const select = element(
      "select",
      { "aria-label": `Side ${side.toUpperCase()}` },
      element("option", { value: "" }, "Choose …"),
      ...options,
    );
    select.value = query.get(side) ?? "";
    return select;
  };
  const [a, b] = [choice("a"), choice("b")];
  const result = element("div", { role: "status" });
  show(place, element("h1", {}, "Compare"), element("div", { class: "bar" }, a, "with", b), result);
  const compare = async () => {
    if (a.value === "" || b.value === "") {
      show(result, element("p", { class: "quiet note" }, "Choose two runs that have ended."));
      return;
    }
    history.replaceState(null, "", address("/compare", { a: a.value, b: b.value }));
    show(result, element("p", { class: "quiet note" }, "Comparing …"));
    try {
      const answer = await ask<CompareAnswer>("/api/compare", { a: a.value, b: b.value });
      show(result, ...describe(answer));
    } catch (error) {
      show(
        result,
        element("p", { class: "bad note" }, error instanceof Error ? error.message : String(error)),
      );
    }
  };
  for (const select of [a, b]) select.addEventListener("change", () => void compare());
  await compare();
}

function describe({ comparison, text }: CompareAnswer): HTMLElement[] {
  const { differences = [] } = comparison;
  const rows = differences.map(({ name, a, b }) => [name, String(a ?? "–"), String(b ?? "–")]);
  const columns = [{ title: "Parameter" }, { title: "A", class: "wrap" }, { title: "B", class: "wrap" }];
  const card = (heading: string, body: HTMLElement) =>
    element("section", { class: "card" }, element("h2", {}, heading), body);
  const found = card("Result", element("pre", { tabindex: 0 }, text));
  return rows.length === 0 ? [found] : [found, card("What else differs", table(columns, rows))];
}
