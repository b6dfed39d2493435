/** Real OCF agents; the cases are in ocf_inside.ts. */
import { testInNamespace } from "../os/in_namespace.ts";
import { APACHE, installed, OCF_DIRECTORY } from "./ocf_needs.ts";

const NAME = "OCF agents of resource-agents: Dummy, IPaddr2, Filesystem, apache, unchanged";

if (!installed(APACHE)) console.log("skipped apache: the package apache2-bin is not installed");
if (installed(OCF_DIRECTORY)) {
  testInNamespace(NAME, new URL("./ocf_inside.ts", import.meta.url));
} else {
  console.log(`skipped "${NAME}": the package resource-agents is not installed`);
  Deno.test({ name: NAME, ignore: true, fn: () => {} });
}
