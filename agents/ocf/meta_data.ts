/**
 * The description that every OCF agent prints of itself: its parameters in order. It is asked of
 * the agent once for each version of its file (3 to 11 ms), before the first call that needs it.
 */
import type { AgentContext, ParameterDoc } from "../contract.ts";
import { quotedLastLine } from "../last_line.ts";

export interface MetaData {
  readonly summary: string;
  readonly parameters: readonly ParameterDoc[];
}

/** One entry a file; an agent that was upgraded replaces its own. */
const known = new Map<string, { readonly version: string; readonly metaData: MetaData }>();

/**
 * Asks the agent, or remembers.
 * @param env what every call of an OCF agent gets
 * @throws {Error} when it does not describe itself
 */
export async function readMetaData(
  context: Pick<AgentContext, "run">,
  path: string,
  env: Readonly<Record<string, string>>,
): Promise<MetaData> {
  const { mtime, size, ino } = Deno.statSync(path);
  const version = `${mtime?.getTime()} ${size} ${ino}`;
  const entry = known.get(path);
  if (entry?.version === version) return entry.metaData;
  const { code, output } = await context.run(path, ["meta-data"], env);
  const metaData = parseMetaData(output);
  if (metaData === undefined) {
    throw new Error(
      `${path} meta-data does not describe the agent: exit code ${code}${quotedLastLine(output)}`,
    );
  }
  known.set(path, { version, metaData });
  return metaData;
}

/** Undefined for anything but a description of a resource agent. */
export function parseMetaData(xml: string): MetaData | undefined {
  const text = xml.replace(/<!--[\s\S]*?-->/g, "");
  if (!/<resource-agent\b/.test(text)) return undefined;
  const [head = ""] = text.split(/<parameters\b/);
  const parameters = [...text.matchAll(/<parameter\b([^>]*)>([\s\S]*?)<\/parameter\s*>/g)]
    .flatMap(([, attributes = "", body = ""]) => {
      const name = attribute(attributes, "name");
      if (name === undefined) return [];
      const required = attribute(attributes, "required");
      // Some agents call required what they have a default for.
      const hasDefault = (attribute(contentOf(body), "default") ?? "") !== "";
      const isRequired = (required === "1" || required === "true") && !hasDefault;
      return [{ name, required: isRequired, doc: shortDoc(body) }];
    });
  return { summary: shortDoc(head), parameters };
}

function attribute(text: string, name: string): string | undefined {
  const match = new RegExp(`\\b${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)')`).exec(text);
  return match === null ? undefined : plain(match[1] ?? match[2] ?? "");
}

function contentOf(body: string): string {
  return /<content\b([^>]*)>/.exec(body)?.[1] ?? "";
}

function shortDoc(body: string): string {
  return plain(/<shortdesc\b[^>]*>([\s\S]*?)<\/shortdesc\s*>/.exec(body)?.[1] ?? "");
}

function plain(text: string): string {
  return text.replace(/&lt;/g, "<").replace(/&gt;/g, ">").replace(/&quot;/g, '"')
    .replace(/&apos;/g, "'").replace(/&amp;/g, "&").replace(/\s+/g, " ").trim();
}
