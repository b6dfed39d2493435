/** The manual page heartbeat.toml(5), made of the one table of its keys. */
import { describeKey, exampleOf, TOML_KEYS, type TomlKey } from "../../config/heartbeat_toml.ts";
import {
  bold,
  filePage,
  heading,
  references,
  sentences,
  subheading,
  tagged,
  text,
} from "./roff.ts";

const INTRODUCTION = [
  "What the files of the original cannot say stands here, so that they can stay the same as those " +
  "of an original node. The file need not exist; without it, every default below holds.",
  "It is a TOML file: a table in brackets, below it its keys. An unknown key or a wrong value is " +
  'an error, which "heartbeat check" shows with its line. Changed deadlines hold ' +
  'after a "heartbeat reload", changed flow control after a restart; ha_propagate(8) copies the ' +
  "file to the other host.",
];
/** Long enough for a database that recovers at its start. */
const EXAMPLE = ["[deadlines]", "start_s = 300"];

export function heartbeatTomlPage(version: string): string {
  const tables = [...new Set(TOML_KEYS.map(({ table }) => table))];
  return [
    ...filePage(
      "heartbeat.toml",
      version,
      "deadlines and serial flow control of Heartbeat",
      INTRODUCTION,
    ),
    heading("KEYS"),
    ...tables.flatMap((table) => [
      subheading(`[${table}]`),
      ...TOML_KEYS.filter((key) => key.table === table).map(entry),
    ]),
    heading("NOTES"),
    sentences(
      "A call that is not done within its deadline has failed: its whole process group gets TERM " +
        "and, if that does not help, KILL.",
    ),
    heading("EXAMPLES"),
    [".nf", ...EXAMPLE.map(text), ".fi"].join("\n"),
    heading("SEE ALSO"),
    references([["heartbeat", 8], ["ha.cf", 5], ["haresources", 5], ["ha_propagate", 8]]),
    "",
  ].join("\n");
}

function entry(key: TomlKey): string {
  const facts = [`Value: ${describeKey(key)}.`, `Default: ${key.default}.`];
  return [
    tagged(bold(key.name), sentences(key.doc)),
    ".IP",
    ...facts.map(text),
    ".IP",
    `Example: ${bold(exampleOf(key))}`,
  ].join("\n");
}
