// A server to run the guide against: one that is there, or one of our own on a fresh database.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const PATIENCE_MS = 300_000;

/**
 * The server that `CULTUREGRAPH_URL` names, else one started from the binary that `CULTUREGRAPH_BIN` names, with the
 * shipped data. `starting` is the first answer of `/graphql` before it was ready; null where the server was there.
 */
export async function server() {
  const { CULTUREGRAPH_URL: url, CULTUREGRAPH_BIN: binary } = process.env;
  if (url) return { url: url.replace(/\/$/, ""), starting: null, stop() {} };
  if (!binary) throw new Error("set CULTUREGRAPH_URL to a server's address or CULTUREGRAPH_BIN to a binary");
  return started(binary);
}

/**
 * A server of the caller's own. `settings` are more of its arguments, `database` is one that is there already, and
 * `under` is a command that becomes the server when it is given the binary and its arguments.
 */
export async function started(binary, { settings = [], database, under = [] } = {}) {
  const folder = mkdtempSync(join(tmpdir(), "culturegraph-guide-"));
  database ??= `sqlite://${join(folder, "guide.db")}`;
  // Settings of the caller are not for this server, and it refuses variables of its name that it does not know.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("CULTUREGRAPH_")));
  const base = ["--listen", "127.0.0.1:0", "--database-url", database, "--log-format", "json"];
  const [program, ...args] = [...under, resolve(process.env.INIT_CWD ?? ".", binary), ...base, ...settings];
  const child = spawn(program, args, { cwd: folder, env });
  const stop = () => {
    child.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const address = await listening(child);
    const starting = await ask(address);
    await ready(address, child);
    return { url: address, starting, stop, database, pid: child.pid };
  } catch (error) {
    stop();
    throw error;
  }
}

/** The address that the server says it listens on. What it says later is read and dropped. */
function listening(child) {
  return new Promise((found, reject) => {
    let said = "";
    const read = (chunk) => {
      if (said === null) return;
      said += chunk;
      const address = said.match(/listening on (http:\/\/[\d.:]+)/)?.[1];
      if (address) {
        said = null;
        found(address);
      }
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    child.on("error", reject);
    child.on("exit", (code) => reject(new Error(`the server ended with ${code}: ${said}`)));
  });
}

async function ask(address) {
  const response = await fetch(`${address}/graphql?query=%7B__typename%7D`);
  const retryAfter = Number(response.headers.get("retry-after"));
  return { status: response.status, retryAfter, body: await response.json() };
}

async function ready(address, child) {
  const end = Date.now() + PATIENCE_MS;
  while (Date.now() < end) {
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}`);
    if ((await fetch(`${address}/health`)).ok) return;
    await sleep(100);
  }
  throw new Error("the server is still not ready");
}
