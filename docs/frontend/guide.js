// The guide as data: its fenced blocks, and the rows of its table of error codes.
import { readFileSync } from "node:fs";

const GUIDE = new URL("../frontend.md", import.meta.url);
const FENCE = /^```(\w*) ?(.*)\n([\s\S]*?)^```$/gm;

/** What stands for the server in the guide. */
export const SHOWN_ADDRESS = "http://127.0.0.1:8000";

/**
 * The blocks of a guide, in its order: `language`, `text`, `line`, the `file` that it is, and the `answer` block right
 * after it, which says what running it prints.
 */
export function blocks(markdown) {
  const found = [];
  for (const match of markdown.matchAll(FENCE)) {
    const [, language, info, text] = match;
    const line = markdown.slice(0, match.index).split("\n").length;
    const file = info.match(/^file=(\S+)$/)?.[1];
    const isAnswer = language === "text" || (language === "json" && !file);
    if (info && !file) throw new Error(`line ${line}: do not know what "${info}" means`);
    if (isAnswer) {
      const asked = found.at(-1);
      if (!asked || asked.answer) throw new Error(`line ${line}: an answer without a question`);
      asked.answer = { language, text, line };
    } else {
      found.push({ language, text, line, file });
    }
  }
  return found;
}

/** The rows of the table of error codes: code and HTTP statuses. */
export function codes(markdown) {
  return [...markdown.matchAll(/^\| `([A-Z_]+)` \| (\d{3}(?:, \d{3})*) \|/gm)].map(([, code, statuses]) => ({
    code,
    statuses: statuses.split(", ").map(Number),
  }));
}

/** The guide, with another address for its server. */
export function guide(address) {
  return readFileSync(GUIDE, "utf8").replaceAll(SHOWN_ADDRESS, address);
}

/** Whether a text is as shown. A line of `…` alone in what is shown stands for any lines. */
export function matches(text, shown) {
  const pattern = shown
    .trimEnd()
    .split("\n")
    .map((line) => line.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"))
    .join("\n")
    .replace(/^…$/gm, "[\\s\\S]*?");
  return new RegExp(`^${pattern}$`).test(text.trimEnd());
}
