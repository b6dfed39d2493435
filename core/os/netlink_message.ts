/**
 * The shape of rtnetlink messages: a header, a fixed part, then attributes of type and length, all
 * aligned to four bytes and in the byte order of the host (little on x86-64 and aarch64). Pure; the
 * socket is in `rtnetlink.ts`.
 */

/** Bytes of `struct nlmsghdr`; the fixed part of a message begins behind it. */
export const HEADER_BYTES = 16;
const ATTRIBUTE_HEADER_BYTES = 4;

/** One attribute: its number and its raw value. */
export type Attribute = readonly [type: number, value: Uint8Array];

/** What is asked, but for flags and sequence number. */
export interface NetlinkRequest {
  readonly type: number;
  readonly fixed: Uint8Array;
  readonly attributes: readonly Attribute[];
}

/** One message of an answer; `data` begins with the fixed part. */
export interface NetlinkMessage {
  readonly type: number;
  readonly flags: number;
  readonly sequence: number;
  readonly data: Uint8Array;
}

function aligned(length: number): number {
  return (length + 3) & ~3;
}

/** @returns the whole message, ready to send; its length field is filled in */
export function encodeMessage(
  { type, fixed, attributes }: NetlinkRequest,
  flags: number,
  sequence: number,
): Uint8Array<ArrayBuffer> {
  const length = attributes.reduce(
    (sum, [, value]) => sum + aligned(ATTRIBUTE_HEADER_BYTES + value.length),
    HEADER_BYTES + aligned(fixed.length),
  );
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, length, true);
  view.setUint16(4, type, true);
  view.setUint16(6, flags, true);
  view.setUint32(8, sequence, true);
  bytes.set(fixed, HEADER_BYTES);
  let at = HEADER_BYTES + aligned(fixed.length);
  for (const [attribute, value] of attributes) {
    view.setUint16(at, ATTRIBUTE_HEADER_BYTES + value.length, true);
    view.setUint16(at + 2, attribute, true);
    bytes.set(value, at + ATTRIBUTE_HEADER_BYTES);
    at += aligned(ATTRIBUTE_HEADER_BYTES + value.length);
  }
  return bytes;
}

/** The messages of one datagram; a truncated last one is left out. */
export function* decodeMessages(datagram: Uint8Array): Generator<NetlinkMessage> {
  const view = new DataView(datagram.buffer, datagram.byteOffset, datagram.byteLength);
  for (let at = 0; at + HEADER_BYTES <= datagram.length;) {
    const length = view.getUint32(at, true);
    if (length < HEADER_BYTES || at + length > datagram.length) return;
    yield {
      type: view.getUint16(at + 4, true),
      flags: view.getUint16(at + 6, true),
      sequence: view.getUint32(at + 8, true),
      data: datagram.slice(at + HEADER_BYTES, at + length),
    };
    at += aligned(length);
  }
}

/**
 * The attributes of a message by number.
 * @param fixedBytes length of the fixed part in front of them
 */
export function attributesOf(data: Uint8Array, fixedBytes: number): Map<number, Uint8Array> {
  return new Map(attributesIn(data, fixedBytes));
}

/** The attributes one by one, where a number may come several times. */
export function* attributesIn(data: Uint8Array, fixedBytes: number): Generator<Attribute> {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  for (let at = aligned(fixedBytes); at + ATTRIBUTE_HEADER_BYTES <= data.length;) {
    const length = view.getUint16(at, true);
    if (length < ATTRIBUTE_HEADER_BYTES || at + length > data.length) return;
    yield [view.getUint16(at + 2, true), data.slice(at + ATTRIBUTE_HEADER_BYTES, at + length)];
    at += aligned(length);
  }
}

/** Text of an attribute that C code ends with a zero byte. */
export function attributeText(value: Uint8Array | undefined): string {
  return value === undefined ? "" : new TextDecoder().decode(value).replace(/\0.*$/s, "");
}

/** 0 for an attribute that is not there or too short. */
export function attributeUint32(value: Uint8Array | undefined): number {
  if (value === undefined || value.length < 4) return 0;
  return new DataView(value.buffer, value.byteOffset).getUint32(0, true);
}
