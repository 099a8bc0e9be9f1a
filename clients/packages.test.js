// What the other tests install: tools alone, of which nothing is in what we ship.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const { packages } = JSON.parse(readFileSync(new URL("package-lock.json", import.meta.url), "utf8"));

test("packages are of licenses that fit ours", () => {
  const allowed =
    /^\(?(MIT|ISC|0BSD|Apache-2\.0|BSD-[23]-Clause|BlueOak-1\.0\.0|Python-2\.0|CC-BY-4\.0|CC0-1\.0| OR )+\)?$/;
  for (const [path, { license }] of Object.entries(packages)) {
    assert.match(license ?? "none", allowed, `${path}: ${license}`);
  }
});
