// Runs every snippet of docs/frontend.md, and compares what it prints with what the guide shows.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { buildClientSchema, buildSchema, getIntrospectionQuery, lexicographicSortSchema, printSchema } from "graphql";

import { SHOWN_ADDRESS, blocks, codes, guide, matches } from "./guide.js";
import { NOT_BY_REQUEST, REFUSALS, REFUSALS_AFTER, WITHIN_LIMITS } from "./refusals.js";
import { server } from "./server.js";

const run = promisify(execFile);
const here = (path) => new URL(path, import.meta.url).pathname;
const read = (path) => readFileSync(here(path), "utf8");
const shown = guide(SHOWN_ADDRESS);

let running;
let project;

before(async () => {
  running = await server();
  project = mkdtempSync(join(tmpdir(), "culturegraph-project-"));
  symlinkSync(here("node_modules"), join(project, "node_modules"));
  copyFileSync(here("../../schema.graphql"), join(project, "schema.graphql"));
  writeFileSync(join(project, "package.json"), JSON.stringify({ private: true, type: "module" }));
  for (const { file, text } of blocks(guide(running.url))) {
    if (file) writeFileSync(join(project, file), text, { flag: "wx" });
  }
  // What the guide says of types, for the compiler that it runs.
  writeFileSync(join(project, "types.ts"), read("types.ts"), { flag: "wx" });
});

after(() => {
  running?.stop();
  if (project) rmSync(project, { recursive: true, force: true });
});

/** What a command prints in the project of the guide. */
async function print(command, ...args) {
  try {
    return (await run(command, args, { cwd: project, env: { ...process.env, NO_COLOR: "1" } })).stdout;
  } catch (error) {
    throw new Error(`${[command, ...args].join(" ")}\n${error.stdout}${error.stderr}`, { cause: error });
  }
}

const post = (body) => ({
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify(body),
});

async function ask(request) {
  const response = await fetch(`${running.url}/graphql`, request);
  return { status: response.status, body: await response.json() };
}

/** Packages that the guide installs are those of package.json, of the same major version; nothing is fetched here. */
function checkInstall(line) {
  const { dependencies, devDependencies } = JSON.parse(read("package.json"));
  const [, flag, packages] = line.match(/^npm install (--save-dev )?(.+)$/);
  for (const wanted of packages.split(" ")) {
    const [, name, major] = wanted.match(/^(@?[^@]+)(?:@(\d+))?$/);
    const range = (flag ? devDependencies : dependencies)[name] ?? "";
    assert.ok(range.startsWith(`^${major ?? ""}`), `${wanted} is not in package.json`);
  }
}

async function shell(text) {
  const lines = text.split("\n");
  const isInstall = (line) => line.startsWith("npm install ");
  lines.filter(isInstall).forEach(checkInstall);
  const rest = lines.filter((line) => !isInstall(line)).join("\n");
  return rest.trim() ? print("bash", "-euo", "pipefail", "-c", rest) : "";
}

/** What a block of the guide prints when it is run; null for one that only is a file. */
async function outcome({ language, file, text, answer }) {
  switch (language) {
    case "sh":
      return shell(text);
    case "ts":
      return answer ? print("node", join("build", file.replace(/\.ts$/, ".js"))) : null;
    case "graphql":
      return answer ? JSON.stringify((await ask(post({ query: text }))).body) : null;
    case "json":
      return null;
    default:
      throw new Error(`do not know how to run ${language || "a block without a language"}`);
  }
}

function compare(printed, { language, text }) {
  if (language === "json") {
    const [given, expected] = [JSON.parse(printed), JSON.parse(text)];
    // The guide shows once that every answer tells its cost.
    if (!expected.extensions) delete given.extensions;
    // What is left is another number each time.
    for (const name of ["remaining", "resetsAt"]) delete given.extensions?.cost[name];
    assert.deepEqual(given, expected);
  } else if (!matches(printed, text)) {
    assert.equal(printed.trimEnd(), text.trimEnd());
  }
}

blocks(shown).forEach((block, number) => {
  const name = `line ${block.line}: ${block.file ?? block.text.split("\n", 1)[0]}`;
  test(name, async () => {
    const { answer, ...rest } = blocks(guide(running.url))[number];
    const printed = await outcome({ ...rest, answer });
    if (answer) compare(printed, answer);
  });
});

test("every file of the guide is run, or used by one that is", () => {
  const files = blocks(shown).filter(({ file, language }) => file && language !== "json");
  const sources = files.map(({ text }) => text).join("\n");
  for (const { file, language, text, answer } of files) {
    if (answer || file === "codegen.ts") continue;
    if (language === "ts") {
      assert.ok(sources.includes(`"./${file.replace(/\.ts$/, ".js")}"`), `nothing imports ${file}`);
    } else {
      const operations = [...text.matchAll(/^(?:query|fragment) (\w+)/gm)].map(([, name]) => name);
      assert.ok(operations.length > 0, `${file} has nothing with a name`);
      for (const name of operations) {
        assert.ok(new RegExp(`\\b${name}(Document|Fragment)\\b|\\.\\.\\.${name}\\b`).test(sources), `nothing uses ${name}`);
      }
    }
  }
});

test("introspection of the server gives the schema that types are made from", async () => {
  const options = { specifiedByUrl: true, inputValueDeprecation: true, oneOf: true };
  const { body } = await ask(post({ query: getIntrospectionQuery(options) }));
  assert.equal(body.errors, undefined);
  // What only the router of a federated graph asks begins with an underscore, and is not in the file.
  const isOurs = ({ name }) => !/^_(?!_)/.test(name);
  const { __schema } = body.data;
  __schema.types = __schema.types.filter(isOurs);
  for (const type of __schema.types) type.fields = type.fields?.filter(isOurs) ?? null;
  // Introspection does not tell which interfaces an interface implements; no type that is made here depends on that.
  const print = (schema) =>
    printSchema(lexicographicSortSchema(schema)).replace(/^(interface \w+) implements .*\{$/gm, "$1 {");
  assert.equal(print(buildClientSchema(body.data)), print(buildSchema(read("../../schema.graphql"))));
});

test("the guide maps every scalar of the schema", () => {
  const scalars = [...read("../../schema.graphql").matchAll(/^scalar (\w+)/gm)].map(([, name]) => name);
  for (const scalar of scalars) {
    assert.match(shown, new RegExp(`^\\| \`${scalar}\` \\|`, "m"), `the table of scalars lacks ${scalar}`);
  }
});

for (const { code, statuses } of codes(shown)) {
  test(`code ${code} is answered with ${statuses.join(" or ")}`, async (t) => {
    if (NOT_BY_REQUEST.includes(code)) return t.skip("no request reaches it on purpose");
    if (code === "UNAVAILABLE" && !running.starting) return t.skip("the server was ready before");
    const requests = REFUSALS[code] ?? (await REFUSALS_AFTER[code]?.(ask));
    const answers = requests ? await Promise.all(requests.map(ask)) : [running.starting];
    for (const { status, body } of answers) {
      const told = JSON.stringify({ status, body });
      assert.equal(body.errors?.[0].extensions.code, code, told);
      assert.ok(statuses.includes(status), told);
      assert.equal("data" in body, status === 200, `there is \`data\` with status 200 alone: ${told}`);
    }
    const seen = answers.map(({ status }) => status);
    for (const status of statuses) assert.ok(seen.includes(status), `nothing was answered with ${status}`);
  });
}

test("a server that starts says when to try again", (t) => {
  if (!running.starting) return t.skip("the server was ready before");
  assert.ok(running.starting.retryAfter > 0);
});

test("documents may be as large as the table says", async () => {
  for (const { body } of await Promise.all(WITHIN_LIMITS.map(ask))) {
    assert.doesNotMatch(body.errors?.[0].extensions.code ?? "", /^DOCUMENT_TOO_/, JSON.stringify(body));
  }
});

test("a cursor goes on with another page size and other fields", async () => {
  const first = await ask(post({ query: "{ cities(first: 2) { nodes { slug } pageInfo { endCursor } } }" }));
  const { nodes, pageInfo } = first.body.data.cities;
  const query = "query ($after: String) { cities(first: 3, after: $after) { nodes { id name } totalCount } }";
  const second = await ask(post({ query, variables: { after: pageInfo.endCursor } }));
  assert.equal(second.body.data.cities.nodes.length, 3, JSON.stringify(second.body));
  assert.equal(nodes.length, 2);
});

test("any website may ask from a browser", async () => {
  const response = await fetch(`${running.url}/graphql`, {
    method: "OPTIONS",
    headers: {
      origin: "https://example.org",
      "access-control-request-method": "POST",
      "access-control-request-headers": "content-type",
    },
  });
  assert.equal(response.headers.get("access-control-allow-origin"), "*");
  assert.match(response.headers.get("access-control-allow-headers"), /content-type/);
});

test("the table of codes has every code that a request of this test reaches, once", () => {
  const reached = [...Object.keys(REFUSALS), ...Object.keys(REFUSALS_AFTER), ...NOT_BY_REQUEST, "UNAVAILABLE"];
  assert.deepEqual(codes(shown).map(({ code }) => code).sort(), reached.sort());
});

test("a text that is not as shown is found", () => {
  assert.ok(matches("a\nb\nc\n", "a\n…\nc\n"));
  assert.ok(!matches("a\nb\nd\n", "a\n…\nc\n"));
  assert.ok(!matches("a.b\n", "a+b\n"));
});

test("packages are of licenses that fit ours", () => {
  // Tools of this test alone: nothing of them is in what we ship.
  const allowed = /^\(?(MIT|ISC|0BSD|Apache-2\.0|BSD-[23]-Clause|Python-2\.0|CC-BY-4\.0|CC0-1\.0| OR )+\)?$/;
  const { packages } = JSON.parse(read("package-lock.json"));
  for (const [path, { license }] of Object.entries(packages)) {
    assert.match(license ?? "none", allowed, `${path}: ${license}`);
  }
});
