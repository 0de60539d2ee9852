import { fixedBuffer, type Libc } from "./libc.ts";
import { inNamespace } from "./namespace.ts";
import {
  closeOnExec,
  datagramSocket,
  dontWait,
  forceReceiveBuffer,
  internetFamily,
  nonBlocking,
  socketLevel,
} from "./numbers.ts";

const streamSocket = 1;
const reuseAddress = 2;
const forceSendBuffer = 32;
const bufferBytes = 8 * 1024 * 1024;
const tcpLevel = 6;
const congestionOption = 13;
const inProgress = 115;
const backlog = 1024;
const addressBytes = 16;
/** Text that names a congestion control (TCP_CA_NAME_MAX). */
const congestionBytes = 16;

/** struct sockaddr_in. */
export function socketAddress(host: string, port: number): Buffer {
  const address = fixedBuffer(addressBytes);
  address.writeUInt16LE(internetFamily, 0);
  address.writeUInt16BE(port, 2);
  for (const [i, part] of host.split(".").entries()) address[4 + i] = Number(part);
  return address;
}

const anyHost = "0.0.0.0";

/** Room for all packets that wait for a link that delays by a second. @throws ShaperError */
export const openUdp = (libc: Libc, namespace: number, port: number): number =>
  open({ libc, namespace, type: datagramSocket }, (socket) => {
    setNumber(libc, socket, { option: forceSendBuffer, value: bufferBytes });
    setNumber(libc, socket, { option: forceReceiveBuffer, value: bufferBytes });
    libc.check(libc.bind(socket, socketAddress(anyHost, port), addressBytes), `take UDP port ${port}`);
  });

/** @throws ShaperError */
export const listenTcp = (libc: Libc, namespace: number, port: number): number =>
  open({ libc, namespace, type: streamSocket }, (socket) => {
    setNumber(libc, socket, { option: reuseAddress, value: 1 });
    libc.check(libc.bind(socket, socketAddress(anyHost, port), addressBytes), `take TCP port ${port}`);
    libc.check(libc.listen(socket, backlog), `listen on TCP port ${port}`);
  });

/** Does not wait for the connection. @throws ShaperError */
export const connectTcp = (libc: Libc, namespace: number, address: Buffer): number =>
  open({ libc, namespace, type: streamSocket }, (socket) => {
    const result = libc.connect(socket, address, addressBytes);
    if (result < 0 && libc.errno() !== inProgress) libc.check(result, "connect");
  });

/** Name of the sender's congestion control; undefined where the kernel does not say. */
export function congestionControl(libc: Libc, socket: number): string | undefined {
  const [name, length] = [fixedBuffer(congestionBytes), fixedBuffer(4)];
  length.writeUInt32LE(congestionBytes);
  if (libc.getsockopt(socket, tcpLevel, congestionOption, name, length) < 0) return undefined;
  return name.toString("latin1").replace(/\0.*/s, "");
}

/** Does not wait. @returns below 0: it was not sent */
export const sendPacket = (
  libc: Libc,
  socket: number,
  { bytes, to }: { bytes: Buffer; to: Buffer },
): number => libc.sendto(socket, bytes, bytes.length, dontWait, to, addressBytes);

function open(
  { libc, namespace, type }: { readonly libc: Libc; readonly namespace: number; readonly type: number },
  prepare: (socket: number) => void,
): number {
  const flags = nonBlocking | closeOnExec;
  return inNamespace(libc, namespace, () => {
    const socket = libc.check(libc.socket(internetFamily, type | flags, 0), "open a socket");
    try {
      prepare(socket);
      return socket;
    } catch (error) {
      libc.close(socket);
      throw error;
    }
  });
}

function setNumber(libc: Libc, socket: number, { option, value }: { option: number; value: number }): void {
  const bytes = fixedBuffer(4);
  bytes.writeUInt32LE(value);
  libc.setsockopt(socket, socketLevel, option, bytes, 4);
}
