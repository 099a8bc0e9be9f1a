// Starts one server for all tests, since loading its data takes seconds, and runs them one file after the other.
//
// `npm test` runs everything; `npm test -- relay.test.js gql_test.py` the files that are named.
import { spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";

import { server } from "../docs/frontend/server.js";

const here = new URL(".", import.meta.url).pathname;
const files = (ending) => readdirSync(here).filter((file) => file.endsWith(ending));
const wanted = process.argv.slice(2);
const chosen = wanted.length > 0 ? wanted : [...files(".test.js"), ...files("_test.py")];
if (!chosen.every((file) => /\.(js|py)$/.test(file))) throw new Error(`no test files: ${chosen.join(" ")}`);
const [javascript, python] = [".js", ".py"].map((ending) => chosen.filter((file) => file.endsWith(ending)));

/** What `npm run python` makes ready. */
const interpreter = `${here}.venv/bin/python`;
if (python.length > 0 && !existsSync(interpreter)) throw new Error("there is no .venv: npm run python");

/** Runs a command on the terminal of this one; how it ended. */
function run(command, args, env) {
  return new Promise((ended, reject) => {
    const child = spawn(command, args, { cwd: here, env: { ...process.env, ...env }, stdio: "inherit" });
    child.on("error", reject);
    child.on("exit", (code) => ended(code ?? 1));
  });
}

const running = await server();
try {
  const env = { CULTUREGRAPH_URL: running.url };
  const runs = [];
  if (javascript.length > 0) {
    runs.push(await run("node", ["--test", "--test-reporter=spec", "--test-concurrency=1", ...javascript], env));
  }
  if (python.length > 0) {
    const modules = python.map((file) => file.replace(/\.py$/, ""));
    runs.push(await run(interpreter, ["-m", "unittest", "--verbose", ...modules], env));
  }
  process.exitCode = Math.max(...runs);
} finally {
  running.stop();
}
