/** Follows from an IPv4 address: others go on to know a node that starts again, and has new interfaces. */
export const macAddressOf = (address: string): string =>
  ["02", "00", ...address.split(".").map((byte) => Number(byte).toString(16).padStart(2, "0"))].join(":");
