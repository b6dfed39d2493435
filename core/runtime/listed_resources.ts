/**
 * The resources that haresources lists, for those who ask their agents before the check does. What is
 * wrong with the file or its words is told by the check itself, not here.
 */
import { join } from "node:path";
import { Report } from "../config/diagnostics.ts";
import { parseHaresources } from "../config/haresources.ts";
import { withVisibleBlanks } from "../config/invisible.ts";
import { createSource } from "../config/source.ts";
import { readTextIfThere } from "../os/read_text.ts";
import type { ResourceConfig } from "../types.ts";
import type { Paths } from "./paths.ts";

/** @returns none when there is no such file, or it cannot be read */
export function listedResources(paths: Paths): ResourceConfig[] {
  const source = withVisibleBlanks(createSource("haresources", textOf(paths)), new Report());
  const groups = parseHaresources(source);
  return groups.flatMap(({ resources }) => resources.map(({ config }) => config));
}

function textOf({ configDir }: Paths): string {
  try {
    return readTextIfThere(join(configDir, "haresources")) ?? "";
  } catch {
    return "";
  }
}
