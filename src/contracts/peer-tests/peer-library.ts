/** The peer library that is measured unless another one is named. Imports nothing. */
export const catalystPeer = "@dcl/catalyst-peer";
/** The one that tools/peer-library/package-lock.json pins. */
export const usualPeerLibrary = `${catalystPeer}@1.0.14`;
