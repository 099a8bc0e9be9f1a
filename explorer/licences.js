// The licences of what is in the build: it fails where one does not fit ours, and carries their texts, since the binary
// that the build goes into is given to others.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

const ALLOWED = ["0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT"];

// The icons of the editor come under a licence of their own, which its package does not tell.
const ICONS = "The icons of the editor, Codicons, are by Microsoft Corporation, under CC BY 4.0\n(https://creativecommons.org/licenses/by/4.0/).\n";

/** The folder of the package that a module is from; null for modules of our own. */
function folder(module) {
  return module.match(/^\0?(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//)?.[1] ?? null;
}

function entry(folder) {
  const { name, version, license, repository } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  if (!ALLOWED.includes(license)) throw new Error(`${name} ${version} is under ${license}, which is not on the list`);
  const files = readdirSync(folder).filter((file) => /^(licen[cs]e|notice|third-?party-?notices)/i.test(file));
  const texts = files.map((file) => readFileSync(join(folder, file), "utf8").trim());
  // Some packages only name their licence. All of these are MIT, whose text stands beside other packages.
  if (texts.length === 0) texts.push(`The package has no text of it. Its sources: ${repository?.url ?? repository}`);
  return `${"=".repeat(80)}\n${name} ${version}: ${license}\n\n${texts.join("\n\n")}\n`;
}

/**
 * Two plugins for Vite: one for the page, which writes the file, and one for each of the workers, which are built before
 * the page and by themselves.
 */
export function licences(fileName) {
  const folders = new Set();
  const collect = (modules) => {
    for (const module of modules) if (folder(module)) folders.add(folder(module));
  };
  const worker = {
    name: "licences-of-worker",
    generateBundle() {
      collect(this.getModuleIds());
    },
  };
  const page = {
    name: "licences-of-page",
    generateBundle() {
      collect(this.getModuleIds());
      const source = [ICONS, ...[...folders].sort().map(entry)].join("\n");
      this.emitFile({ type: "asset", fileName, source });
    },
  };
  return { page, worker };
}
