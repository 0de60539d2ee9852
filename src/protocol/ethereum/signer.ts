/** Signed transactions of one shape, by the signing library. */
import { createHash } from "node:crypto";
import { onDemand } from "../../core/on-demand.ts";

const signer = onDemand<typeof import("micro-eth-signer")>("micro-eth-signer");

/** Chain of development nodes; a signature holds for one chain. */
export const chainId = 31_337;
/** "baleen" and zeros: nobody's account, and no contract, so that nothing is executed. */
const recipient = `0x${Buffer.from("baleen").toString("hex").padEnd(40, "0")}`;

export interface UnsignedTransaction {
  readonly calldata: Uint8Array;
  readonly gasLimit: number;
  /** Whose it is: any text stands for an account. */
  readonly sender: string;
}

/**
 * Signs the first transaction of an account (EIP-1559, nonce 0) that moves no money and pays no fee. The same one has
 * the same bytes.
 */
export function signTransaction({ calldata, gasLimit, sender }: UnsignedTransaction): Uint8Array {
  const { buffer, byteOffset, byteLength } = calldata;
  const transaction = signer().Transaction.prepare(
    {
      type: "eip1559",
      chainId: BigInt(chainId),
      nonce: 0n,
      to: recipient,
      value: 0n,
      gasLimit: BigInt(gasLimit),
      maxFeePerGas: 0n,
      maxPriorityFeePerGas: 0n,
      data: `0x${Buffer.from(buffer, byteOffset, byteLength).toString("hex")}`,
    },
    // Strict checks would want a fee.
    false,
  );
  return transaction.signBy(keyOf(sender), false).toBytes();
}

/** Whoever knows the text has the key: such an account owns nothing. */
function keyOf(sender: string): Uint8Array {
  return createHash("sha256").update(sender).digest();
}
