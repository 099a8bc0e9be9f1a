// The small server that counts (tests/counting), on the product's transports: it has subscriptions, tokens, and settings
// with which nothing takes long.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { createInterface } from "node:readline";

const { COUNTING_BIN: binary = new URL("../target/debug/examples/counting", import.meta.url).pathname } = process.env;

/** Starts one that ends with the test; `settings` as `{ "keep-alive": 50 }`, times in milliseconds. */
export async function counting(t, settings = {}) {
  const args = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
  const child = spawn(resolve(binary), args, { stdio: ["ignore", "pipe", "inherit"] });
  t.after(() => child.kill("SIGKILL"));
  const exited = once(child, "exit").then(([code]) => code);
  const failed = exited.then((code) => Promise.reject(new Error(`the server ended with ${code}`)));
  failed.catch(() => {});
  const [port] = await Promise.race([once(createInterface(child.stdout), "line"), failed]);
  return {
    http: `http://127.0.0.1:${port}/graphql`,
    ws: `ws://127.0.0.1:${port}/graphql`,
    /** Tells it to stop. */
    stop: () => child.kill("SIGTERM"),
    /** The code that it ends with. */
    exited,
  };
}
