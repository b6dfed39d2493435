/** Lines of mountinfo, and what lies below what. */
import assert from "node:assert/strict";
import { isWithin, parseMountinfo, readMounts, stackOn } from "../../core/os/mounts.ts";

Deno.test("parseMountinfo: optional fields, escapes, bind mounts, network sources", () => {
  const text = [
    "36 35 98:0 / /mnt/a rw,noatime master:1 - ext3 /dev/root rw,errors=continue",
    "37 35 98:0 /sub/dir /mnt/b\\040c rw - ext3 /dev/root rw",
    "38 35 0:44 / /srv rw shared:7 master:2 - nfs4 files:/export\\134x rw",
    "garbage",
    "",
  ].join("\n");
  const root = { device: "98:0", type: "ext3", source: "/dev/root", parentId: 35 };
  assert.deepEqual(parseMountinfo(text), [
    { ...root, id: 36, root: "/", mountpoint: "/mnt/a" },
    { ...root, id: 37, root: "/sub/dir", mountpoint: "/mnt/b c" },
    {
      id: 38,
      parentId: 35,
      device: "0:44",
      root: "/",
      mountpoint: "/srv",
      type: "nfs4",
      source: "files:/export\\x",
    },
  ]);
});

Deno.test("stackOn: what was mounted last goes first, and only what stands on the mount", () => {
  const mounts = parseMountinfo(
    [[2, 1, "/srv"], [3, 1, "/srv/hidden"], [4, 2, "/srv/a"], [5, 4, "/srv/a/b"], [6, 2, "/srv"]]
      .map(([id, parent, path]) => `${id} ${parent} 0:1 / ${path} rw - tmpfs x rw`).join("\n"),
  );
  const [srv] = mounts;
  assert.ok(srv !== undefined);
  assert.deepEqual(stackOn(srv, mounts).map(({ id }) => id), [6, 5, 4, 2]);
});

Deno.test("readMounts: this host has a root", () => {
  assert.ok(readMounts().some(({ mountpoint }) => mountpoint === "/"));
});

Deno.test("isWithin: whole names only", () => {
  assert.ok(isWithin("/srv", "/srv") && isWithin("/srv/a", "/srv") && isWithin("/srv", "/"));
  assert.ok(!isWithin("/srv2", "/srv") && !isWithin("/", "/srv"));
});
