// Packs files once, when they are built, so that a server that embeds them need not do it for each reader.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

/** Below this a file fits into a packet or two in any case. */
const SMALLEST = 2048;

/** A plugin for Vite: beside each file that it is worth for, one with `.gz` after its name. */
export function gzip() {
  return {
    name: "gzip",
    writeBundle({ dir }, bundle) {
      for (const { fileName, code, source } of Object.values(bundle)) {
        const contents = Buffer.from(code ?? source);
        if (contents.length < SMALLEST) continue;
        writeFileSync(join(dir, `${fileName}.gz`), gzipSync(contents, { level: 9 }));
      }
    },
  };
}
