/** Suites of checks as JUnit XML, as Jenkins and GitLab read it. */
import { formatForeign } from "../../../core/text/foreign-text.ts";
import { formatXml, type XmlElement } from "./xml.ts";

/** What was checked. */
export interface TestCase {
  readonly name: string;
  /** How long it took; 0 for what is computed afterwards. */
  readonly secs: number;
  readonly trouble?: Trouble | undefined;
  readonly output?: string | undefined;
}

export interface Trouble {
  /** error: it could not be carried out. */
  readonly kind: "failure" | "error";
  readonly type: string;
  readonly message: string;
  readonly text: string;
}

export interface TestSuite {
  readonly name: string;
  /** Wall time, RFC 3339 UTC. */
  readonly startedAt: string;
  readonly cases: readonly TestCase[];
}

/** A document of them. */
export function formatTestSuites(suites: readonly TestSuite[]): string {
  const cases = suites.flatMap((suite) => suite.cases);
  return formatXml({
    name: "testsuites",
    attributes: { name: "baleen", ...countsOf(cases) },
    children: suites.map(suiteElement),
  });
}

function countsOf(cases: readonly TestCase[]) {
  const troubles = (kind: Trouble["kind"]) => cases.filter(({ trouble }) => trouble?.kind === kind).length;
  return {
    tests: cases.length,
    failures: troubles("failure"),
    errors: troubles("error"),
    time: cases.reduce((sum, { secs }) => sum + secs, 0).toFixed(3),
  };
}

function suiteElement({ name, startedAt, cases }: TestSuite): XmlElement {
  return {
    name: "testsuite",
    attributes: {
      name,
      ...countsOf(cases),
      skipped: 0,
      // The form has no place for a zone, nor for parts of a second.
      timestamp: new Date(startedAt).toISOString().slice(0, 19),
    },
    children: cases.map((one) => caseElement(one, name)),
  };
}

function troubleElement({ kind, type, message, text }: Trouble): XmlElement {
  return { name: kind, attributes: { type, message: formatForeign(message) }, children: [text] };
}

function caseElement({ name, secs, trouble, output }: TestCase, suite: string): XmlElement {
  return {
    name: "testcase",
    attributes: { name, classname: `baleen.${suite.replace(/[^\w.]+/g, "_")}`, time: secs.toFixed(3) },
    children: [
      ...(trouble === undefined ? [] : [troubleElement(trouble)]),
      ...(output === undefined ? [] : [{ name: "system-out", children: [output] }]),
    ],
  };
}
