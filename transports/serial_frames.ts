/**
 * Finds classic frames in what a serial line brings: noise, halves of messages and bytes lost in
 * the middle cost the frames that they hit and no other. A frame runs from the last line `>>>`
 * before a line `<<<` to that line (reference: wire protocol, section 9.6).
 */
import { DelimiterParser } from "@serialport/parser-delimiter";
import { Buffer } from "node:buffer";
import { MAX_FRAME_BYTES } from "./contract.ts";

const START_LINE = "\n>>>\n";
const END_LINE = "\n<<<\n";

/** A stream of bytes in, whole frames out through `frame`. */
export class FrameParser extends DelimiterParser {
  /** @param frame gets each frame; its bytes belong to the callee */
  constructor(frame: (frame: Uint8Array) => void) {
    super({ delimiter: END_LINE, includeDelimiter: true });
    this.on("data", (found: Buffer) => {
      const start = startOf(found);
      if (start !== undefined) frame(new Uint8Array(found.subarray(start)));
    });
  }

  override _transform(
    chunk: Buffer,
    encoding: Parameters<DelimiterParser["_transform"]>[1],
    done: Parameters<DelimiterParser["_transform"]>[2],
  ): void {
    super._transform(chunk, encoding, done);
    const excess = this.buffer.length - MAX_FRAME_BYTES;
    // A copy, because a part would keep the whole alive.
    if (excess > 0) this.buffer = Buffer.from(this.buffer.subarray(excess));
  }
}

function startOf(found: Buffer): number | undefined {
  const atLine = found.lastIndexOf(START_LINE);
  if (atLine >= 0) return atLine + 1;
  // Noise can eat the line feed before the start; then what comes first in the text is the best.
  const anywhere = found.indexOf(START_LINE.slice(1));
  return anywhere < 0 ? undefined : anywhere;
}
