/**
 * Every size that the codecs refuse to exceed, in one place. The first four come from the protocol
 * (wire-protocol §2); the last two are ours, because no limit is stated there and a sender must not
 * choose how much work a receiver does.
 */

/** Largest encoded frame, markers and signature included. */
export const MAX_FRAME_BYTES = 262_144;

/** Largest message after decompression. */
export const MAX_UNCOMPRESSED_BYTES = 2_097_152;

/** Longest `src`; the original keeps it in 100 bytes with a final NUL. */
export const MAX_NODE_NAME_BYTES = 99;

/** Longest `st`; the original keeps it in 64 bytes with a final NUL. */
export const MAX_STATUS_BYTES = 63;

/** Fields of one message beside one `auth`. Cluster messages have about 12. */
export const MAX_FIELDS = 1024;

/** `<keynum> <hex>` of the longest method (sha256: 64 digits) with room for its length prefix. */
export const MAX_AUTH_ELEMENT_BYTES = 80;
