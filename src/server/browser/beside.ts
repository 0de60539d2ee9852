/** Another run, whose curves are shown with those of a page's run on the same axes. */
import type { ListedBundle } from "../../results/bundle/list-bundles.ts";
import type { RunState } from "../feed/run-state.ts";
import { element, show } from "./dom.ts";
import { ask, followSweep } from "./requests.ts";
import { titleOf } from "./runs-page.ts";
import { dateOf } from "./texts.ts";

export class Beside {
  readonly select = element(
    "select",
    { "aria-label": "Beside" },
    element("option", { value: "" }, "Beside …"),
  );
  readonly #own: string;
  readonly #onChange: () => void;
  #run: RunState | undefined;
  #stop: (() => void) | undefined;

  /** @param own name of the page's bundle @param chosen name of the other one; "": none */
  constructor(own: string, chosen: string, onChange: () => void) {
    this.#own = own;
    this.#onChange = onChange;
    this.select.addEventListener("change", () => {
      const address = new URL(location.href);
      if (this.select.value === "") address.searchParams.delete("beside");
      else address.searchParams.set("beside", this.select.value);
      history.replaceState(null, "", address);
      this.#follow();
    });
    void this.#list(chosen);
  }

  /** undefined: none is chosen, or nothing is known of it yet. */
  get shown(): { readonly run: RunState; readonly name: string } | undefined {
    const [option] = this.select.selectedOptions;
    return this.#run === undefined ? undefined : { run: this.#run, name: option?.dataset.title ?? "" };
  }

  async #list(chosen: string): Promise<void> {
    const bundles = await ask<readonly ListedBundle[]>("/api/bundles").catch((): ListedBundle[] => []);
    const others = bundles.filter(({ name }) => name !== this.#own);
    show(
      this.select,
      element("option", { value: "" }, "Beside …"),
      ...others.map((bundle) => {
        const title = titleOf(bundle);
        const text = `Beside ${title} · ${dateOf(bundle.startedAt)}`;
        return element("option", { value: bundle.name, "data-title": title }, text);
      }),
    );
    this.select.value = others.some(({ name }) => name === chosen) ? chosen : "";
    this.#follow();
  }

  #follow(): void {
    this.#stop?.();
    this.#stop = undefined;
    this.#run = undefined;
    this.#onChange();
    if (this.select.value === "") return;
    this.#stop = followSweep(this.select.value, undefined, {
      onState: () => {},
      onTold: ({ run }) => {
        this.#run = run;
        this.#onChange();
      },
    });
  }
}
