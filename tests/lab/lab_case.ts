/**
 * A test that needs the lab: says why and steps aside where the kernel permits no namespaces.
 */
import { namespacePermission } from "./namespaces.ts";

const permission = await namespacePermission();
if (!permission.allowed) console.log(`lab tests are skipped: ${permission.reason}`);

/** As `Deno.test`, for a body that opens a lab. */
export function labTest(name: string, body: () => Promise<void>): void {
  Deno.test({ name, ignore: !permission.allowed, fn: body });
}

/** Waits until `holds` does; fails with `what` after `limitMs`. */
export async function eventually(
  what: string,
  holds: () => boolean | Promise<boolean>,
  limitMs = 30_000,
): Promise<void> {
  const endMs = performance.now() + limitMs;
  while (!(await holds())) {
    if (performance.now() > endMs) throw new Error(`not within ${limitMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
