/**
 * Between bytes and strings. Two kinds of string live in this room:
 *
 * - wire text: one character (0 … 255) per byte. Frames are cut, joined and signed in this form,
 *   so that every byte survives whatever it means;
 * - text: what the rest of the program reads and compares with its configuration, which is UTF-8.
 *
 * A value that is valid UTF-8 becomes ordinary text. One that is not (a peer configured in Latin-1)
 * has each byte above 0x7F mapped to the lone surrogate U+DC00 + byte, as POSIX programs do with
 * file names; such text cannot be confused with any other, and turns back into the same bytes.
 */
import { Buffer, isUtf8 } from "node:buffer";

const NOT_ASCII = /[\u0080-\uffff]/;
const encoder = new TextEncoder();
/** Keeps a byte order mark: dropping it would change the bytes. */
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Bytes as wire text. */
export function wireOfBytes(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}

/** Wire text as bytes in an array of its own. */
export function bytesOfWire(wire: string): Uint8Array {
  const bytes = new Uint8Array(wire.length);
  for (let i = 0; i < wire.length; i++) bytes[i] = wire.charCodeAt(i);
  return bytes;
}

/** Wire text as text; `wireOfText` undoes it exactly, whatever the bytes are. */
export function textOfWire(wire: string): string {
  if (!NOT_ASCII.test(wire)) return wire;
  const bytes = bytesOfWire(wire);
  if (isUtf8(bytes)) return decoder.decode(bytes);
  return wire.replace(
    /[\u0080-\u00ff]/g,
    (char) => String.fromCharCode(0xdc00 + char.charCodeAt(0)),
  );
}

/** Text as wire text. A lone surrogate that `textOfWire` never makes becomes U+FFFD. */
export function wireOfText(text: string): string {
  if (!NOT_ASCII.test(text)) return text;
  if (text.isWellFormed()) return wireOfBytes(encoder.encode(text));
  let wire = "";
  for (const char of text) {
    const code = char.charCodeAt(0);
    const isByte = char.length === 1 && code >= 0xdc80 && code <= 0xdcff;
    wire += isByte ? String.fromCharCode(code & 0xff) : wireOfBytes(encoder.encode(char));
  }
  return wire;
}
