/** Lines of mountinfo, and what lies below what. */
import assert from "node:assert/strict";
import { isWithin, parseMountinfo, readMounts } from "../../core/os/mounts.ts";

Deno.test("parseMountinfo: optional fields, escapes, bind mounts, network sources", () => {
  const text = [
    "36 35 98:0 / /mnt/a rw,noatime master:1 - ext3 /dev/root rw,errors=continue",
    "37 35 98:0 /sub/dir /mnt/b\\040c rw - ext3 /dev/root rw",
    "38 35 0:44 / /srv rw shared:7 master:2 - nfs4 files:/export\\134x rw",
    "garbage",
    "",
  ].join("\n");
  assert.deepEqual(parseMountinfo(text), [
    { device: "98:0", root: "/", mountpoint: "/mnt/a", type: "ext3", source: "/dev/root" },
    { device: "98:0", root: "/sub/dir", mountpoint: "/mnt/b c", type: "ext3", source: "/dev/root" },
    { device: "0:44", root: "/", mountpoint: "/srv", type: "nfs4", source: "files:/export\\x" },
  ]);
});

Deno.test("readMounts: this host has a root", () => {
  assert.ok(readMounts().some(({ mountpoint }) => mountpoint === "/"));
});

Deno.test("isWithin: whole names only", () => {
  assert.ok(isWithin("/srv", "/srv") && isWithin("/srv/a", "/srv") && isWithin("/srv", "/"));
  assert.ok(!isWithin("/srv2", "/srv") && !isWithin("/", "/srv"));
});
