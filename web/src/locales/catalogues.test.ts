import { readFileSync, readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";

const folder = new URL("./zh-CN/", import.meta.url);

describe.each(readdirSync(folder).filter((name) => name.endsWith(".po")))("%s", (name) => {
  const entries = readFileSync(new URL(name, folder), "utf8").split("\n\n").slice(1);
  it("has Chinese for every string", () => {
    const missing = entries.filter((entry) => /^msgstr ""$(?!\n")/m.test(entry) && !entry.includes("#~"));
    expect(missing).toEqual([]);
  });
  it("says 你, not 您", () => expect(entries.filter((entry) => entry.includes("您"))).toEqual([]));
});
