import { describe, expect, test } from "vitest";
import { compilePointer } from "../../../src/core/documents/json-pointer.ts";

const readPointer = (value: unknown, pointer: string) => compilePointer(pointer)(value);

describe("a JSON Pointer", () => {
  // The examples of RFC 6901, section 5.
  const document = {
    foo: ["bar", "baz"],
    "": 0,
    "a/b": 1,
    "c%d": 2,
    "e^f": 3,
    "g|h": 4,
    "i\\j": 5,
    'k"l': 6,
    " ": 7,
    "m~n": 8,
    nothing: null,
  };
  test.each([
    ["", document],
    ["/foo", ["bar", "baz"]],
    ["/foo/0", "bar"],
    ["/", 0],
    ["/a~1b", 1],
    ["/c%d", 2],
    ["/e^f", 3],
    ["/g|h", 4],
    ["/i\\j", 5],
    ['/k"l', 6],
    ["/ ", 7],
    ["/m~0n", 8],
    ["/nothing", null],
  ])("reads %j", (pointer, value) => {
    expect(readPointer(document, pointer)).toEqual(value);
  });

  test.each(["/none", "/foo/2", "/foo/01", "/foo/-", "/foo/length", "/nothing/x", "/a~1b/0", "/toString"])(
    "has nothing at %j",
    (pointer) => {
      expect(readPointer(document, pointer)).toBeUndefined();
    },
  );

  test("reads ~01 as ~1, not as /", () => {
    expect(readPointer({ "~1": "right", "/": "wrong" }, "/~01")).toBe("right");
  });

  test.each(["foo", "0", "/a~", "/a~2b", "#/foo"])("refuses %j", (pointer) => {
    expect(() => compilePointer(pointer)).toThrow(
      `${JSON.stringify(pointer)} is not a JSON Pointer (RFC 6901).`,
    );
  });
});
