// Runs every snippet of docs/partners.md, and compares what it prints with what the guide shows. It needs no packages.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";

import { SHOWN_ADDRESS, blocks, matches } from "../frontend/guide.js";
import { started } from "../frontend/server.js";

const run = promisify(execFile);
const GUIDE = readFileSync(new URL("../partners.md", import.meta.url), "utf8");
const binary = resolve(process.env.INIT_CWD ?? ".", process.env.CULTUREGRAPH_BIN ?? "set CULTUREGRAPH_BIN to a binary");
const guide = () => blocks(GUIDE.replaceAll(SHOWN_ADDRESS, running.url));

let running;
let folder;

before(async () => {
  running = await started(binary);
  folder = mkdtempSync(join(tmpdir(), "culturegraph-partner-"));
  symlinkSync(binary, join(folder, "culturegraph"));
  for (const { file, text } of guide()) {
    if (file) writeFileSync(join(folder, file), text, { flag: "wx" });
  }
});

after(() => {
  running?.stop();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

/** What a command prints, with our program and its database at hand. */
async function print(text) {
  const env = {
    ...process.env,
    PATH: `${folder}${delimiter}${process.env.PATH}`,
    CULTUREGRAPH_DATABASE_URL: running.database,
  };
  delete env.CULTUREGRAPH_BIN;
  try {
    return (await run("bash", ["-euo", "pipefail", "-c", text], { cwd: folder, env })).stdout;
  } catch (error) {
    throw new Error(`${text}\n${error.stdout}${error.stderr}`, { cause: error });
  }
}

async function ask(query) {
  const headers = { "content-type": "application/json" };
  const response = await fetch(`${running.url}/graphql`, { method: "POST", headers, body: JSON.stringify({ query }) });
  return response.text();
}

/** A value where the guide shows `…` for what is different each time. */
function as(given, shown) {
  if (shown === "…") return typeof given === "string" && given ? "…" : given;
  if (Array.isArray(given) && Array.isArray(shown)) return given.map((it, place) => as(it, shown[place]));
  if (given && shown && typeof given === "object") {
    return Object.fromEntries(Object.entries(given).map(([name, it]) => [name, as(it, shown[name])]));
  }
  return given;
}

function compare(printed, { language, text }) {
  if (language === "text") {
    if (!matches(printed, text)) assert.equal(printed.trimEnd(), text.trimEnd());
    return;
  }
  const [{ extensions, ...given }, shown] = [JSON.parse(printed), JSON.parse(text)];
  assert.deepEqual(as(given, shown), shown);
}

blocks(GUIDE).forEach((block, number) => {
  test(`line ${block.line}: ${block.file ?? block.text.split("\n", 1)[0]}`, async () => {
    const { language, file, text, answer } = guide()[number];
    if (file) return;
    const printed = language === "graphql" ? await ask(text) : await print(text);
    if (answer) compare(printed, answer);
  });
});

test("every file of the guide is used", () => {
  const commands = blocks(GUIDE).filter(({ language }) => language === "sh");
  for (const { file } of blocks(GUIDE).filter(({ file }) => file)) {
    assert.ok(commands.some(({ text }) => text.includes(file)), file);
  }
});

test("the mirror is what queries show", async () => {
  const { records } = JSON.parse(readFileSync(join(folder, "mirror.json"), "utf8"));
  const query = "{ initiatives(first: 100) { nodes { id slug names { lang value } startDate { edtf } } } }";
  const { data } = JSON.parse(await ask(query));
  assert.equal(Object.keys(records).length, data.initiatives.nodes.length);
  for (const { id, slug, names, startDate } of data.initiatives.nodes) {
    assert.equal(records[id].slug, slug);
    assert.equal(records[id].startDate ?? null, startDate?.edtf ?? null);
    const sorted = records[id].names.map(({ lang, value }) => ({ lang, value }));
    assert.deepEqual(sorted.sort((a, b) => (a.lang < b.lang ? -1 : 1)), names);
  }
});
