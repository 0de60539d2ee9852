import { fontFamily, themeStyle } from "../charts/draw/theme.ts";

/** The style of a page: one column on a telephone, two wide ones on a screen, several small ones between, and light on paper. */
export const pageStyle = `${themeStyle(":root")}
*{box-sizing:border-box}
html{background:var(--paper);color:var(--ink);font:16px/1.5 ${fontFamily};-webkit-text-size-adjust:100%}
body{overflow-wrap:anywhere;max-width:1280px;margin:0 auto;padding:32px 24px 64px}
h1{font-size:1.55rem;line-height:1.25;margin:0 0 4px;letter-spacing:-.01em}
h2{font-size:1.15rem;margin:44px 0 12px;padding-top:16px;border-top:1px solid var(--grid)}
h3{font-size:1rem;margin:0 0 6px}
h4{font-size:.9rem;margin:22px 0 6px;color:var(--soft);font-weight:600}
p{margin:0 0 10px;max-width:76ch}
.lead,.note,figcaption,dt{color:var(--soft)}
.tag{padding:1px 7px;border-radius:9px;background:var(--panel);font-size:.85rem}
.note,figcaption{font-size:.85rem}
.verdict{margin:24px 0 8px;padding:16px 20px;border-radius:8px;background:var(--panel);border-left:5px solid var(--good)}
.verdict.warn{border-color:var(--warn)}.verdict.bad{border-color:var(--bad)}
.verdict strong{display:block;font-size:1.2rem}
.verdict ul{margin:8px 0 0;padding-left:20px}
.verdict ul,.verdict p{color:var(--ink)}
.good{color:var(--good)}.warn{color:var(--warn)}.bad{color:var(--bad)}
.charts{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:32px 40px;margin:20px 0}
figure{margin:0;min-width:0;break-inside:avoid}
figure.whole{grid-column:1/-1}
svg{display:block;width:100%;height:auto;overflow:visible;color:var(--soft)}
.narrow{display:none}
.legend{display:flex;flex-wrap:wrap;gap:4px 16px;font-size:.85rem;margin:0 0 4px;padding:0;list-style:none}
.legend li:before{content:"";display:inline-block;width:11px;height:11px;margin-right:6px;border-radius:2px;background:var(--c)}
.table{overflow-x:auto;margin:8px 0 16px}
table{border-collapse:collapse;font-size:.9rem;font-variant-numeric:tabular-nums}
th,td{padding:5px 14px 5px 0;text-align:left;vertical-align:top;border-bottom:1px solid var(--grid)}
th,td{overflow-wrap:normal}
td{white-space:nowrap}
th{color:var(--soft);font-weight:500;vertical-align:bottom}
.n{text-align:right;padding-left:14px}
details{border-bottom:1px solid var(--grid)}
summary{padding:10px 0;cursor:pointer}
details>div{padding:4px 0 24px}
dl{margin:0;font-size:.9rem}
dl>div{display:grid;grid-template-columns:minmax(110px,220px) 1fr;gap:2px 16px;padding:3px 0}
dl dl>div{grid-template-columns:minmax(90px,180px) 1fr}
dt,dd{margin:0;overflow-wrap:anywhere;min-width:0}
pre{margin:8px 0;padding:14px 16px;border-radius:8px;background:var(--panel);white-space:pre-wrap;overflow-wrap:anywhere;font:.85rem/1.5 ui-monospace,"DejaVu Sans Mono",monospace}
footer{margin-top:56px}
@media print,(max-width:1000px){.wide{display:none}.narrow{display:block}.narrow svg{max-width:480px}figure.whole{grid-column:auto}.charts{grid-template-columns:repeat(auto-fit,minmax(min(100%,300px),1fr));gap:24px}}
@media screen and (max-width:600px){body{padding:20px 16px 48px}dl>div,dl dl>div{grid-template-columns:1fr;gap:0}}
@media print{@page{margin:14mm}html{font-size:11px}body{max-width:none;padding:0}h2{margin-top:28px;break-after:avoid}details>summary{break-after:avoid}tr{break-inside:avoid}pre,.verdict{border:1px solid var(--grid)}.table{overflow:visible}td{white-space:normal}}
`;
