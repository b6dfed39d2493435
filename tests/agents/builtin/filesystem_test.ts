/** Filesystem against a real kernel; the cases are in the files that it names. */
import { testInNamespace } from "../../os/in_namespace.ts";

testInNamespace(
  "Filesystem: tmpfs, loop, bind, holders; in a mount namespace",
  new URL("./filesystem_inside.ts", import.meta.url),
);

testInNamespace(
  "Filesystem: other users of the device; in a mount namespace",
  new URL("./filesystem_device_inside.ts", import.meta.url),
);
