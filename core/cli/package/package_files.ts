/**
 * The list of everything that Heartbeat puts on a host, the same for `heartbeat install` and for
 * the packages. It knows paths, modes and contents; it writes nothing.
 */
import { basename, dirname } from "node:path";
import haCfSample from "../../../packaging/ha.d/ha.cf.sample" with { type: "text" };
import haresourcesSample from "../../../packaging/ha.d/haresources.sample" with { type: "text" };
import authkeysSample from "../../../packaging/ha.d/authkeys.sample" with { type: "text" };
import readmeConfig from "../../../packaging/ha.d/README.config" with { type: "text" };
import initScript from "../../../packaging/init.d/heartbeat" with { type: "text" };
import unit from "../../../packaging/systemd/heartbeat.service" with { type: "text" };
import tmpfiles from "../../../packaging/tmpfiles.d/heartbeat.conf" with { type: "text" };
import sysusers from "../../../packaging/sysusers.d/heartbeat.conf" with { type: "text" };
import logrotate from "../../../packaging/logrotate.d/heartbeat" with { type: "text" };
import firewalld from "../../../packaging/firewalld/heartbeat.xml" with { type: "text" };
import agentPage from "../../../packaging/man/heartbeat-agent.7" with { type: "text" };
import authkeysPage from "../../../packaging/man/authkeys.5" with { type: "text" };
import haresourcesPage from "../../../packaging/man/haresources.5" with { type: "text" };
import {
  type CommandTable,
  programPage,
  toolManual,
  verbManual,
  verbPage,
} from "./command_pages.ts";
import { bashCompletion, fishCompletion, zshCompletion } from "./completion.ts";
import { DOCUMENTS } from "./documents.ts";
import type { HostPlaces } from "./host_places.ts";
import { haCfPage } from "./ha_cf_page.ts";
import { heartbeatTomlPage } from "./heartbeat_toml_page.ts";
import { handwritten } from "./roff.ts";

/** One thing below the root. Paths are absolute, as the host will see them. */
export type PackageEntry =
  | { readonly kind: "directory"; readonly path: string; readonly mode: number }
  /** The running executable itself. */
  | { readonly kind: "program"; readonly path: string; readonly mode: number }
  | { readonly kind: "link"; readonly path: string; readonly target: string }
  | {
    readonly kind: "file";
    readonly path: string;
    readonly mode: number;
    readonly text: string;
    /** The administrator may change it; a package must not replace it then. */
    readonly config: boolean;
  };

const PROGRAM_PATH = "/usr/sbin/heartbeat";
const MAN = "/usr/share/man";
const DOC = "/usr/share/doc/heartbeat";
/** Where scripts written for the original look for its tools, beside the search path. */
const CLASSIC_TOOLS = "/usr/share/heartbeat";
/** Tools that users other than root call. */
const USER_TOOLS = ["cl_status", "cl_respawn"];

/**
 * Everything of the package, directories before what is in them.
 * @param places those of that host
 */
export function packageEntries(
  commands: CommandTable,
  version: string,
  { initDir, zshDir }: HostPlaces,
): PackageEntry[] {
  return [
    { kind: "program", path: PROGRAM_PATH, mode: 0o755 },
    ...toolLinks(commands.tools.map(({ name }) => name)),
    ...configuration(),
    file("/usr/lib/systemd/system/heartbeat.service", unit),
    file("/usr/lib/tmpfiles.d/heartbeat.conf", tmpfiles),
    file("/usr/lib/sysusers.d/heartbeat.conf", sysusers),
    file("/usr/lib/firewalld/services/heartbeat.xml", firewalld),
    configFile(`${initDir}/heartbeat`, initScript, 0o755),
    configFile("/etc/logrotate.d/heartbeat", logrotate),
    ...manualPages(commands, version),
    file("/usr/share/bash-completion/completions/heartbeat", bashCompletion(commands)),
    // bash loads a file by the name of the command that is completed.
    ...commands.tools.map(({ name }) => link(`/usr/share/bash-completion/completions/${name}`)),
    file(`${zshDir}/_heartbeat`, zshCompletion(commands)),
    file("/usr/share/fish/vendor_completions.d/heartbeat.fish", fishCompletion(commands)),
    ...documents(),
  ];
}

function documents(): PackageEntry[] {
  const paths = DOCUMENTS.map(({ path }) => `${DOC}/${path}`);
  const directories = new Set(paths.flatMap((path) => [dirname(dirname(path)), dirname(path)]));
  return [
    ...[...directories].filter((path) => path.startsWith(DOC)).sort().map(directory),
    ...DOCUMENTS.map(({ path, text, executable }) =>
      file(`${DOC}/${path}`, text, executable ? 0o755 : 0o644)
    ),
  ];
}

function toolLinks(names: readonly string[]): PackageEntry[] {
  const placed = names.map((name): PackageEntry =>
    USER_TOOLS.includes(name)
      ? { kind: "link", path: `/usr/bin/${name}`, target: "../sbin/heartbeat" }
      : link(`/usr/sbin/${name}`)
  );
  const classic = names.filter((name) => !USER_TOOLS.includes(name)).map((name): PackageEntry => (
    { kind: "link", path: `${CLASSIC_TOOLS}/${name}`, target: "../../sbin/heartbeat" }
  ));
  return [...placed, directory(CLASSIC_TOOLS), ...classic];
}

function configuration(): PackageEntry[] {
  return [
    directory("/etc/ha.d"),
    directory("/etc/ha.d/resource.d"),
    file("/etc/ha.d/README.config", readmeConfig),
    configFile("/etc/ha.d/ha.cf.sample", haCfSample),
    configFile("/etc/ha.d/haresources.sample", haresourcesSample),
    configFile("/etc/ha.d/authkeys.sample", authkeysSample, 0o600),
  ];
}

function manualPages(commands: CommandTable, version: string): PackageEntry[] {
  return [
    file(`${MAN}/man8/heartbeat.8`, programPage(commands, version)),
    ...commands.verbs.map((verb) =>
      file(`${MAN}/man8/${verbPage(verb)}.8`, verbManual(verb, version))
    ),
    ...commands.tools.map((tool) => file(`${MAN}/man8/${tool.name}.8`, toolManual(tool, version))),
    file(`${MAN}/man5/ha.cf.5`, haCfPage(version)),
    file(`${MAN}/man5/heartbeat.toml.5`, heartbeatTomlPage(version)),
    file(`${MAN}/man5/haresources.5`, handwritten(haresourcesPage, version)),
    file(`${MAN}/man5/authkeys.5`, handwritten(authkeysPage, version)),
    file(`${MAN}/man7/heartbeat-agent.7`, handwritten(agentPage, version)),
  ];
}

function directory(path: string): PackageEntry {
  return { kind: "directory", path, mode: 0o755 };
}

function file(path: string, text: string, mode = 0o644): PackageEntry {
  return { kind: "file", path, mode, text, config: false };
}

function configFile(path: string, text: string, mode = 0o644): PackageEntry {
  return { kind: "file", path, mode, text, config: true };
}

/** A link to the file heartbeat in the same directory. */
function link(path: string): PackageEntry {
  if (basename(path) === "heartbeat") throw new Error(`${path} would be a link to itself`);
  return { kind: "link", path, target: "heartbeat" };
}
