/** report.html: a page that stands alone, without a script. */
import { Html, html } from "./html.ts";
import { pageStyle } from "./style.ts";

/** Nothing may be loaded or sent, whatever a name or a log in the page tries. */
const policy =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

/** @param title of the window @param body what the page shows */
export function pageText(title: string, body: Html): string {
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark"><link rel="icon" href="data:,">
<title>${title}</title>
<style>${new Html(pageStyle)}</style></head>
<body>
${body}
</body></html>
`.text;
}
