/** rtnetlink against a real kernel; the cases are in rtnetlink_inside.ts. */
import { testInNamespace } from "./in_namespace.ts";

testInNamespace(
  "Rtnetlink: addresses, links and routes in a network namespace",
  new URL("./rtnetlink_inside.ts", import.meta.url),
);
