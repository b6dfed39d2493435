/**
 * Every size that the codecs refuse to exceed, in one place. Some come from the protocol
 * (wire-protocol §2); the first and the last two are ours, because a sender must not choose how much
 * work a receiver does.
 */

/**
 * Largest encoded frame, markers and signature included. The protocol allows 256 KiB, of which UDP
 * carries 64; what the nodes of a pair say to each other is below one. A stranger's frame of 64 KiB
 * would cost more than two milliseconds before its signature is known to be wrong.
 */
export const MAX_FRAME_BYTES = 16_384;

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
