/** The system under test in parameters.json: its name, and of a user's own the description that it was made of. */
import type { ChosenProtocol, DescriptionSource } from "../../../contracts/protocol-choice.ts";
import { EarlierVersionError } from "../earlier-version.ts";
import type { Fields } from "../fields.ts";
import { present } from "../numbers.ts";

export function protocolJson({ name, observesCommits, native, described }: ChosenProtocol) {
  return present({
    protocol: name,
    commits_observed: observesCommits,
    generator: native && "native",
    protocol_description:
      described &&
      present({ file: described.file, sha256: described.sha256, definition: described.definition }),
  });
}

/**
 * @throws EarlierVersionError
 * @throws FormError
 */
export function parseProtocol(fields: Fields): ChosenProtocol {
  const name = fields.text("protocol");
  const observesCommits = fields.flag("commits_observed");
  const described = fields.optional("protocol_description", (key) => parseDescription(fields.object(key)));
  const native = fields.optional("generator", (key) => fields.choice(key, "native"));
  const { load } = (described?.definition ?? {}) as { readonly load?: unknown };
  if (load !== undefined && native === undefined) throw new EarlierVersionError();
  return {
    name,
    observesCommits,
    ...(native === undefined ? {} : { native: true }),
    ...(described === undefined ? {} : { described }),
  };
}

function parseDescription(fields: Fields): DescriptionSource {
  const [file, sha256] = [fields.textIfAny("file"), fields.textIfAny("sha256")];
  return {
    definition: fields.value("definition"),
    ...(file === undefined ? {} : { file }),
    ...(sha256 === undefined ? {} : { sha256 }),
  };
}
