// The explorer as a reader has it: the program with its build, in a real browser, without any other host.
import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { after, before, test } from "node:test";
import { parse, print } from "graphql";
import { chromium } from "playwright-core";

import { server } from "../../docs/frontend/server.js";
import { withOwnFacts } from "../src/operation.js";
import { prefixed } from "./prefixed.js";

const here = (path) => new URL(path, import.meta.url).pathname;
const read = (path) => readFileSync(here(path), "utf8");

const EXAMPLES = readdirSync(here("../examples"))
  .filter((file) => file.endsWith(".graphql"))
  .map((file) => ({ file, query: read(`../examples/${file}`), variables: variables(file) }));
const TITLES = EXAMPLES.map(({ query }) => query.match(/^query (\w+)/m)[1]);

let running;
let browser;

before(async () => {
  running = await server();
  browser = await chromium.launch({
    // Where Debian has it.
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: [
      "--headless",
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
});

after(async () => {
  await browser?.close();
  running?.stop();
});

function variables(file) {
  const path = `../examples/${file.replace(/graphql$/, "json")}`;
  try {
    return JSON.parse(read(path));
  } catch (error) {
    // An example without variables has no such file.
    if (error.code === "ENOENT") return undefined;
    throw new Error(`${path}: ${error.message}`, { cause: error });
  }
}

/** A page of a new reader, and what went wrong on it: errors, and requests that went elsewhere or found nothing. */
async function open(address) {
  const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
  const wrong = [];
  const { host } = new URL(address);
  page.on("console", (message) => {
    if (message.type() === "error") wrong.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => wrong.push(`page: ${error.stack}`));
  page.on("request", (request) => {
    const { protocol, host: asked } = new URL(request.url());
    if (!["data:", "blob:"].includes(protocol) && asked !== host) wrong.push(`elsewhere: ${request.url()}`);
  });
  page.on("response", (response) => {
    if (response.status() >= 400) wrong.push(`${response.status()}: ${response.url()}`);
  });
  page.on("requestfailed", (request) => wrong.push(`failed: ${request.url()}`));
  page.on("websocket", (socket) => wrong.push(`socket: ${socket.url()}`));
  await page.goto(address);
  await page.locator(".graphiql-query-editor .view-line").first().waitFor();
  return { page, wrong };
}

/** What an editor of the page shows, as text. */
async function shown(page, editor) {
  const lines = await page.locator(`${editor} .view-line`).allTextContents();
  return lines.join("\n").replaceAll("\u00a0", " ");
}

/** Waits until an editor shows a text. */
async function sees(page, editor, text) {
  const end = Date.now() + 20_000;
  let seen = "";
  while (Date.now() < end) {
    seen = await shown(page, editor);
    if (seen.includes(text)) return;
    await page.waitForTimeout(50);
  }
  assert.fail(`${editor} does not show ${text}, but: ${seen}`);
}

/**
 * Runs what the editor shows until the answer has a text. The page takes note of what was typed, or of another tab, a moment
 * later; until then it runs what was there before.
 */
async function runs(page, text) {
  const answered = page.locator(".result-window", { hasText: text });
  for (let tries = 0; tries < 10 && !(await answered.isVisible()); tries++) {
    await page.getByRole("button", { name: /^Execute query/ }).click();
    await answered.waitFor({ timeout: 2_000 }).catch(() => {});
  }
  await sees(page, ".result-window", text);
}

async function type(page, query) {
  await page.locator(".graphiql-query-editor .view-lines").click();
  await page.keyboard.press("Control+A");
  await page.keyboard.press("Delete");
  await page.keyboard.type(query, { delay: 5 });
  await sees(page, ".graphiql-query-editor", query);
}

for (const { file, query, variables } of EXAMPLES) {
  test(`example ${file} is answered`, async () => {
    const response = await fetch(`${running.url}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ query, variables }),
    });
    const { data, errors } = await response.json();
    assert.deepEqual(errors, undefined);
    for (const [field, value] of Object.entries(data)) assert.notEqual(value, null, `${field} is null`);
  });
}

test("the first example is the query of the README", () => {
  const [, asked] = read("../../README.md").match(/^```graphql\n([\s\S]*?)^```/m);
  const example = EXAMPLES[0].query.replace(/^#.*\n/gm, "").replace(/^query \w+ /, "");
  assert.equal(example, asked);
});

test("the operation of another tab is not asked for", () => {
  const query = "query CityPage { city { name } }";
  const asked = (operationName, of = query) => withOwnFacts({ query: of, operationName })[0].operationName;
  assert.equal(asked("HaNoi"), "CityPage");
  assert.equal(asked("CityPage"), "CityPage");
  assert.equal(asked(undefined), "CityPage");
  assert.equal(asked("HaNoi", "{ city { name } }"), undefined);
  assert.equal(asked("HaNoi", `${query} query Other { city { name } }`), "HaNoi");
  assert.equal(asked("Other", `${query} query Other { city { name } }`), "Other");
  assert.equal(asked("HaNoi", "query {"), "HaNoi");
});

test("the document that is sent is the one that says how it is sent", () => {
  const documentAST = parse("query HaNoi { city { name } }");
  const sent = (query) => withOwnFacts({ query, operationName: "HaNoi" }, { headers: { a: "b" }, documentAST })[1];
  const follow = "subscription Follow { changed { position } }";
  assert.equal(print(sent(follow).documentAST), print(parse(follow)));
  assert.deepEqual(sent(follow).headers, { a: "b" });
  assert.equal(sent("query {").documentAST, documentAST);
});

test("a reader who comes for the first time has the examples as tabs", async () => {
  const { page, wrong } = await open(running.url);

  const tabs = await page.getByRole("tab").allInnerTexts();
  await page.getByRole("tab", { name: "CityPage" }).click();
  await sees(page, ".graphiql-query-editor", "query CityPage(");
  await sees(page, ".graphiql-editor-tool", '"slug": "ha-noi"');
  await runs(page, '"slug": "ha-noi"');

  assert.deepEqual(tabs, TITLES);
  assert.deepEqual(wrong, []);
  await page.close();
});

test("the docs show types and what their fields mean", async () => {
  const { page, wrong } = await open(running.url);

  await page.getByRole("button", { name: "Show Documentation Explorer" }).click();
  await page.getByRole("combobox").first().click();
  await page.keyboard.type("City");
  await page.getByRole("option", { name: "City", exact: true }).click();
  const docs = page.locator(".graphiql-doc-explorer");
  await docs.getByText("A city or town, not its government").waitFor();
  await docs.getByText("areaKm2").waitFor();
  await docs.getByText("Area in square kilometers; null when not known.").waitFor();

  assert.deepEqual(wrong, []);
  await page.close();
});

test("a query typed by hand is completed, run and put in order", async () => {
  const { page, wrong } = await open(running.url);

  await page.getByRole("button", { name: "New tab" }).click();
  await type(page, '{ city(by: { slug: "ha-noi" }) { popul');
  // What was typed before the editor had the schema is completed when it is asked for again.
  const completed = page.locator(".suggest-widget .monaco-list-row", { hasText: "population" }).first();
  for (let tries = 0; tries < 10 && !(await completed.isVisible()); tries++) {
    await completed.waitFor({ timeout: 3_000 }).catch(() => page.keyboard.press("Control+Space"));
  }
  await completed.waitFor();
  await page.keyboard.press("Escape");
  await page.locator(".suggest-widget.visible").waitFor({ state: "hidden" });
  await type(page, '{ city(by: { slug: "ha-noi" }) { name(lang: "en") } }');
  await runs(page, '"name": "Hanoi"');
  await page.getByRole("button", { name: /^Prettify/ }).click();
  await sees(page, ".graphiql-query-editor", '    name(lang: "en")');
  await type(page, "{ city { nmae } }");
  await page.locator(".graphiql-query-editor .squiggly-error").first().waitFor();

  assert.deepEqual(wrong, []);
  await page.close();
});

test("the explorer works below a path of a proxy", async (t) => {
  const proxy = await prefixed(running.url, "/culture/graph");
  t.after(proxy.stop);
  const { page, wrong } = await open(proxy.url);

  await runs(page, '"name": "Hanoi"');

  assert.deepEqual(wrong, []);
  await page.close();
});

test("the policy of the page lets subscriptions through to this host, and nothing to another one", async () => {
  const page = await browser.newPage();
  await page.goto(running.url);
  const violations = await page.evaluate(async () => {
    const found = [];
    addEventListener("securitypolicyviolation", ({ blockedURI }) => found.push(new URL(blockedURI).host));
    const event = (target, name) => new Promise((done) => target.addEventListener(name, done, { once: true }));
    const socket = new WebSocket(new URL("graphql", location.href.replace("http", "ws")), "graphql-transport-ws");
    await Promise.race([event(socket, "open"), event(socket, "close")]);
    const violation = event(window, "securitypolicyviolation");
    fetch("http://127.0.0.2:9/").catch(() => {});
    await violation;
    return found;
  });

  assert.deepEqual(violations, ["127.0.0.2:9"]);
  await page.close();
});

test("licences are beside the page", async () => {
  const response = await fetch(`${running.url}/licences.txt`);
  const text = await response.text();

  assert.equal(response.headers.get("content-type"), "text/plain; charset=utf-8");
  for (const name of ["graphiql", "monaco-editor", "picomatch-browser"]) {
    assert.match(text, new RegExp(`^${name} [\\d.]+: MIT$`, "m"));
  }
});
