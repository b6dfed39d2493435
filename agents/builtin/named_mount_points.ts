/**
 * Mount points that the administrator named: in haresources, as an argument of Filesystem, or in
 * fstab. It takes the words as they are; what is wrong with them is told by the check.
 */
import type { AgentHost } from "../host.ts";

/** Absolute paths without a slash at the end; some may be no mount points. */
export function namedMountPoints({ configDir, fstab }: AgentHost): Set<string> {
  const words = linesOf(`${configDir}/haresources`).flatMap((line) => line.split(/\s+/));
  const resources = words.filter((word) => /(^|:)Filesystem(:|$)/.test(word))
    .flatMap((word) => word.split("::"))
    .map((argument) => argument.replace(/^directory=/, ""));
  const mounted = linesOf(fstab).map((line) => line.trim().split(/\s+/)[1] ?? "")
    .map((path) => path.replace(/\\040/g, " "));
  const paths = [...resources, ...mounted].filter((path) => path.startsWith("/"));
  return new Set(paths.map((path) => path.replace(/(?<=.)\/+$/, "")));
}

/** Without comments; none where there is no such file, or none for us. */
function linesOf(path: string): string[] {
  try {
    return Deno.readTextFileSync(path).split("\n").map((line) => line.replace(/#.*/, ""));
  } catch {
    return [];
  }
}
