/**
 * What the kernel of a lab host says about addresses from one moment to another: each that came,
 * went or changed. A look at the list before and after would miss one that moved away and back.
 */
import { join } from "node:path";
import type { Host } from "../lab/host.ts";
import { eventually } from "../lab/lab_case.ts";

const FILE = "/var/tmp/addresses";

export class AddressWatch {
  private constructor(private readonly host: Host, private readonly file: string) {}

  static async begin(host: Host, disk: string): Promise<AddressWatch> {
    await host.must(`ip -o monitor address >${FILE} 2>&1 &`);
    const watch = new AddressWatch(host, join(disk, FILE));
    await watch.#passes("127.0.0.8");
    return watch;
  }

  /** @returns one line for each event since the beginning, oldest first */
  async end(): Promise<string[]> {
    await this.#passes("127.0.0.9");
    return this.#lines().filter((line) => !/ 127\.0\.0\.[89]\//.test(line));
  }

  /** Moves a mark on the loopback device until it is seen: all that was before is seen, too. */
  async #passes(mark: string): Promise<void> {
    await eventually(`${this.host.name}: the kernel's word on ${mark}`, async () => {
      await this.host.must(`ip addr add ${mark}/8 dev lo && ip addr del ${mark}/8 dev lo`);
      return this.#lines().some((line) => line.includes(` ${mark}/`));
    });
  }

  #lines(): string[] {
    return Deno.readTextFileSync(this.file).split("\n").filter((line) => line !== "");
  }
}
