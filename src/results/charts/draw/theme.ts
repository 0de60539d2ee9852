/** Colours and type of the page and of charts by themselves: light, dark, and as the reader's system has it. */

/** Okabe and Ito's colours, which people with any colour vision tell apart; darker, or lighter, to stand out from paper. */
const light = ["#0069a8", "#c8500a", "#00805f", "#a4508b", "#a06a00", "#5b6875", "#1f8fc4", "#8a2f2f"];
const dark = ["#58b0e6", "#f0935a", "#3fc39d", "#df9cc5", "#e3b341", "#a3b0bd", "#8fd0f2", "#e58a8a"];

export const colourCount = light.length;
export const colourOf = (index: number) => `var(--s${index % colourCount})`;

const themeOf = (series: readonly string[], others: Readonly<Record<string, string>>) => ({
  ...Object.fromEntries(series.map((value, at) => [`s${at}`, value])),
  ...others,
});

const variables = (theme: Readonly<Record<string, string>>) =>
  Object.entries(theme)
    .map(([name, value]) => `--${name}:${value}`)
    .join(";");

const lightTheme: Readonly<Record<string, string>> = themeOf(light, {
  paper: "#fff",
  ink: "#1b2229",
  soft: "#5b6570",
  grid: "#e3e7eb",
  fault: "#d6402b",
  links: "#a06a00",
  phase: "#0069a8",
  good: "#00704f",
  warn: "#8f5a00",
  bad: "#b3261e",
  panel: "#f6f8f9",
});
const darkTheme = themeOf(dark, {
  paper: "#14181c",
  ink: "#e4e8ec",
  soft: "#9aa5b0",
  grid: "#2b333b",
  fault: "#ff7b66",
  links: "#e3b341",
  phase: "#58b0e6",
  good: "#4cc79f",
  warn: "#e3b341",
  bad: "#ff8a80",
  panel: "#1b2127",
});

export const fontFamily = 'system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif';

/** Variables of the colours, on paper always the light ones. @param selector what has them */
export const themeStyle = (selector: string) =>
  `${selector}{${variables(lightTheme)};color-scheme:light dark}@media screen and (prefers-color-scheme:dark){${selector}{${variables(darkTheme)}}}`;

/** The same drawing in light colours, for what knows no variables. */
export const inLightColours = (svg: string) =>
  svg
    .replace(/<style>[^<]*<\/style>/, "")
    .replace("<svg ", `<svg color="${lightTheme.soft}" `)
    .replaceAll(/var\(--(\w+)\)/g, (variable, name: string) => lightTheme[name] ?? variable);
