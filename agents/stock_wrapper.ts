/**
 * Scripts of the original's package that hide a built-in agent and only call the OCF agent of their
 * name: removing the package leaves them, and each costs a takeover several processes. A file is one
 * of them when its digest is that of the package, so one that a site has changed never is.
 * It is looked at for people, never on the way of a takeover.
 */
import { createHash } from "node:crypto";
import { BUILT_IN_NAMES } from "./builtin.ts";
import type { Finding } from "./registry.ts";

/** SHA-256 of `/etc/ha.d/resource.d/NAME` as Debian 12 and its successors have it (3.0.6-13). */
const DIGESTS: Readonly<Record<string, string>> = {
  Delay: "dbc65054134c64f40741e89e38a0da5a79042eec8c215073169a45ea5e1ad2f0",
  Filesystem: "d274284749b9d3ef47def441b13bf3cf32d96ace986d851c7b594824d0322c90",
  IPaddr: "c53184acddad1bc7894e0477a1351621c3e46cf1924c8ff410410b51e26f4b5c",
  IPaddr2: "220eb0a8ba5b8b132a04503d367613210a72edcda030dcc726398c8121f5c017",
  IPsrcaddr: "1dc565f89b0fa5d2724a828a3ef39590c0aef65b63366af072e187c57b9a821f",
  IPv6addr: "af667834ba1c733e596342f11daa8f584b06c2e5bf2a3ccc2a9d2a06e60ea3d3",
  MailTo: "e31c73e4fd2017fa0d2e08f3f9d760956070efee5f05a8907e8fa9f1dfb55529",
  OCF: "7b6781aed6131a3f269a7d9755c51437833fa3d246087a6e897ebcc3cd4eb342",
  portblock: "9e18e6dc8ec3bb1b7c9c38b2cf1b5a5af9718f5ee63e6b783d6de3ec82d25fea",
  SendArp: "754799bc1f0c2a16d0cda97995aec1d3eab3aa373275fb16fa590cd60beaec60",
};

/** Much larger than any of them. */
const MAX_BYTES = 65_536;

/** Path of the unchanged script of the distribution that serves instead of the built-in agent. */
export function stockWrapper(name: string, finding: Finding): string | null {
  if (finding.kind !== "found" || finding.origin !== "resource.d") return null;
  if (!BUILT_IN_NAMES.includes(name)) return null;
  try {
    if (Deno.statSync(finding.path).size > MAX_BYTES) return null;
    const digest = createHash("sha256").update(Deno.readFileSync(finding.path)).digest("hex");
    return digest === DIGESTS[name] ? finding.path : null;
  } catch {
    return null; // what cannot be read says nothing of itself
  }
}
