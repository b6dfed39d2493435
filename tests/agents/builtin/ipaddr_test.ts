/** IPaddr against a real kernel; the cases are in ipaddr_inside.ts. */
import { testInNamespace } from "../../os/in_namespace.ts";

testInNamespace(
  "IPaddr and IPaddr2: addresses in a network namespace",
  new URL("./ipaddr_inside.ts", import.meta.url),
);
