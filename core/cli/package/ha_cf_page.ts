/** The manual page ha.cf(5), made of the one table of directives. */
import { type Directive, DIRECTIVES, type DirectiveState } from "../../config/directives.ts";
import { describeSyntax, plainestWord } from "../../config/syntax.ts";
import { bold, filePage, heading, references, sentences, tagged, text } from "./roff.ts";

const INTRODUCTION = [
  "One directive a line, its name first. What follows a # is ignored. Times are seconds unless a " +
  "unit such as ms follows. The file is that of the original: what the original knows is known " +
  "here too, and below it says so where something does not work yet or means nothing here.",
  'The file should be the same on both hosts. "heartbeat check" says what is wrong with it, line ' +
  "by line.",
];

const CHAPTERS: readonly (readonly [state: DirectiveState, title: string])[] = [
  ["active", "DIRECTIVES"],
  ["accepted", "DIRECTIVES THAT ARE CHECKED BUT DO NOTHING YET"],
  ["ignored", "DIRECTIVES WITHOUT MEANING HERE"],
];

export function haCfPage(version: string): string {
  const chapters = CHAPTERS.flatMap(([state, name]) => {
    const rows = DIRECTIVES.filter((directive) => directive.state === state);
    return rows.length === 0 ? [] : [heading(name), ...rows.map(entry)];
  });
  return [
    ...filePage("ha.cf", version, "nodes, media and times of Heartbeat", INTRODUCTION),
    ...chapters,
    heading("SEE ALSO"),
    references([["heartbeat", 8], ["haresources", 5], ["authkeys", 5]]),
    "",
  ].join("\n");
}

function entry(directive: Directive): string {
  const { name, syntax, doc, example, since, meanwhile } = directive;
  const facts = [
    `Value: ${describeSyntax(syntax)}.`,
    ...(directive.default === null ? [] : [`Default: ${plainestWord(syntax, directive.default)}.`]),
    ...(directive.repeat === "many" ? ["May be given several times."] : []),
    ...(meanwhile === null ? [] : [`Meanwhile: ${meanwhile}.`]),
    `Since ${since}.`,
  ];
  const label = example.startsWith(`${name} `) ? "Example" : "Instead";
  return [
    tagged(bold(name), sentences(doc)),
    ".IP",
    ...facts.map(text),
    ".IP",
    `${label}: ${bold(example)}`,
  ].join("\n");
}
