/**
 * A test that needs the lab: says why and steps aside where the kernel permits no namespaces.
 */
import { namespacePermission } from "./namespaces.ts";

export { eventually } from "../eventually.ts";

const permission = await namespacePermission();
if (!permission.allowed) console.log(`lab tests are skipped: ${permission.reason}`);

/** As `Deno.test`, for a body that opens a lab. */
export function labTest(name: string, body: () => Promise<void>): void {
  Deno.test({ name, ignore: !permission.allowed, fn: body });
}
