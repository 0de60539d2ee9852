import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Html, html } from "../../../src/results/page/html.ts";
import { htmlTable, htmlValue } from "../../../src/results/page/table.ts";
import { left, right } from "../../../src/results/report/text/table.ts";

describe("HTML", () => {
  test("escapes what is put in, and only that", () => {
    const name = `<script>alert("1")</script> & 'more'`;
    expect(html`<b title="${name}">${name}</b>`.text).toBe(
      '<b title="&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;more&#39;">&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;more&#39;</b>',
    );
    expect(html`${[html`<i>${1}</i>`, "<", undefined]}${new Html("<hr>")}`.text).toBe("<i>1</i>&lt;<hr>");
  });

  test("has no tag or attribute of others, whatever they write", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const inside = html`${text}`.text;
        expect(inside).not.toMatch(/[<>"']/);
        // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
        expect(inside).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202e]/);
      }),
    );
  });

  test("cuts what nobody reads, and says so", () => {
    const text = html`${"x".repeat(1024 ** 2)}`.text;
    expect(text).toMatch(/^x{2000}… \(1048576 characters\)$/);
  });

  test("has tables with the columns of the console, and documents as lists", () => {
    const columns = [left<string>("  Name", (row) => `  ${row}`), right<string>("Load\ntx/s", () => "1")];
    expect(htmlTable(columns, ["<a>"]).text).toContain(
      '<th scope="col">Name</th><th class="n" scope="col">Load tx/s</th></tr></thead><tbody><tr><td>&lt;a&gt;</td><td class="n">1</td></tr>',
    );
    expect(html`${htmlValue({ a: { "<b>": [1, 2] } })}`.text).toBe(
      "<dl><div><dt>a</dt><dd><dl><div><dt>&lt;b&gt;</dt><dd>1, 2</dd></div></dl></dd></div></dl>",
    );
  });
});
