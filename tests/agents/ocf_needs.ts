/** What the tests with real OCF agents need on this host. */

export const OCF_DIRECTORY = "/usr/lib/ocf/resource.d/heartbeat";
export const APACHE = "/usr/sbin/apache2";

export function installed(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}
