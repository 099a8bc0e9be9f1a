// Servers of these tests alone, with less memory than the machine has; and what they take of it, and of its processors.
import { readdirSync, readFileSync } from "node:fs";

import { started } from "../../docs/frontend/server.js";

/** Addresses that the server may use, in KiB: what it asks for beyond them it does not get, and ends. */
const ADDRESSES = 5_000_000;

/** A millisecond of a processor is a tenth of what Linux counts in. */
const MS_PER_TICK = 10;

export async function limited({ settings = [], ...options } = {}) {
  // All that is sent here comes from one address.
  settings = ["--anonymous-cost", "2000000000", ...settings];
  const under = ["bash", "-c", `ulimit -v ${ADDRESSES}; exec "$0" "$@"`];
  const server = await started(process.env.CULTUREGRAPH_BIN, { ...options, settings, under });
  const file = (name) => readFileSync(`/proc/${server.pid}/${name}`, "utf8");
  const megabytes = (name) => Math.round(file("status").match(`${name}:\\s+(\\d+)`)[1] / 1024);
  return {
    ...server,
    /** Milliseconds of processors so far, its own and the system's for it. */
    cpu() {
      // The name of the program, in brackets, may have blanks.
      const fields = file("stat").split(") ").at(-1).split(" ");
      return (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK;
    },
    /** Megabytes that it has now, and has had at most. */
    memory: () => ({ now: megabytes("VmRSS"), most: megabytes("VmHWM") }),
    /** How many files and connections it has open. */
    open: () => readdirSync(`/proc/${server.pid}/fd`).length,
  };
}
