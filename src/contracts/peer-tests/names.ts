/** What tests of peers, and their peers, may be called: no name leads out of a folder, and none is hidden. */
import { matching } from "../../core/documents/form-values.ts";

const pattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;
const peerPattern = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$/;

export const expectedTestId = "1 to 100 letters, digits and . _ -, with a letter or digit first";
export const expectedPeerId = "1 to 100 letters, digits and . _ : -, with a letter or digit first";

export const testId = (about: string) => matching(about, pattern, expectedTestId);
export const peerId = (about: string) => matching(about, peerPattern, expectedPeerId);

export const isTestId = (text: string): boolean => pattern.test(text);
export const isPeerId = (text: string): boolean => peerPattern.test(text);
