/** The fields without which no message passes. */
import assert from "node:assert/strict";
import type { Message } from "../../core/types.ts";
import { controlFault } from "../../core/wire/control.ts";
import { STATUS, UUID } from "./support.ts";

const without = (name: string) => STATUS.filter((field) => field.name !== name);
const having = (name: string, value: string): Message => [
  { type: 0, name, value },
  ...without(name),
];

Deno.test("controlFault: a status message has all it needs", () => {
  assert.equal(controlFault(STATUS), undefined);
  assert.equal(controlFault(without("hg")), undefined, "the engine counts it as generation 0");
});

Deno.test("controlFault: t, src, ts and seq must be there and usable", () => {
  for (const name of ["t", "src", "ts", "seq"]) {
    assert.equal(controlFault(without(name))?.cause, "missing-field", name);
    assert.equal(controlFault(having(name, ""))?.cause, "missing-field", `${name} empty`);
    const binary: Message = [{ type: 1, name, value: UUID }, ...STATUS];
    assert.equal(controlFault(binary)?.cause, "missing-field", `${name} binary`);
  }
  for (const name of ["ts", "seq"]) {
    for (const value of ["0", "-1", "x", "1 ", "f".repeat(14)]) {
      assert.equal(controlFault(having(name, value))?.cause, "missing-field", `${name}=${value}`);
    }
  }
});

Deno.test("controlFault: NS_ messages need no seq", () => {
  assert.equal(controlFault(having("t", "NS_ackmsg").filter((f) => f.name !== "seq")), undefined);
});

Deno.test("controlFault: node names and states keep the original's limits", () => {
  assert.equal(controlFault(having("src", "n".repeat(99))), undefined);
  assert.equal(controlFault(having("src", "n".repeat(100)))?.cause, "oversized");
  assert.equal(controlFault(having("src", "é".repeat(50)))?.cause, "oversized");
  assert.equal(controlFault(having("st", "s".repeat(63))), undefined);
  assert.equal(controlFault(having("st", "s".repeat(64)))?.cause, "oversized");
});
