/** IPv6addr, IPsrcaddr, SendArp, portblock against a real kernel; the cases are in network_inside.ts. */
import { testInNamespace } from "../../os/in_namespace.ts";

testInNamespace(
  "IPv6addr, IPsrcaddr, SendArp, portblock: in a network namespace",
  new URL("./network_inside.ts", import.meta.url),
);
