/** Filesystem against a real kernel; the cases are in filesystem_inside.ts. */
import { testInNamespace } from "../../os/in_namespace.ts";

testInNamespace(
  "Filesystem: tmpfs, loop, bind, holders; in a mount namespace",
  new URL("./filesystem_inside.ts", import.meta.url),
);
