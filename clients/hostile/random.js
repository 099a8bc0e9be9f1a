// Documents made by chance over the real schema. Half of them have no mistake that their maker knows of.
import { readFileSync } from "node:fs";
import {
  buildSchema,
  getNamedType,
  getNullableType,
  isAbstractType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
} from "graphql";

import { Chance, times } from "./chance.js";

const schema = buildSchema(readFileSync(new URL("../../schema.graphql", import.meta.url), "utf8"));
const TYPES = Object.keys(schema.getTypeMap());
const SLUGS = ["hue", "ha-noi", "viet-nam", "design", "x", ""];
const TEXTS = [
  ...SLUGS,
  "GEONAMES",
  "vi",
  "en",
  "2019",
  "2019-10-30",
  "XXXX-12-13",
  "2026-01-31T12:00:00Z",
  "Hà Nội",
  "%_\\",
  "\u0000",
  "😀",
];
/** What each scalar takes. */
const TAKEN = {
  Lang: ["vi", "en"],
  DateTime: ["2026-01-31T12:00:00Z"],
  Date: ["2019-10-30", "2000-01-01"],
};
const NUMBERS = [0, 1, 2, 3, 20, 100, 101, 1_000, -1, 2_147_483_647, 2_147_483_648, 0.5, 1e308];
const NAMES = ["x", "id", "nodes", "__typename", "__schema", "a".repeat(300)];

/** One document, the `n`th of its seed. */
export function document(n) {
  return new Writer(new Chance(n), n % 2 === 0 ? 0 : 0.04).document();
}

/** A value as it stands in a document. */
const literal = (value) => {
  if (Array.isArray(value)) return `[${value.map(literal).join(" ")}]`;
  if (value instanceof Word) return value.word;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([key, it]) => `${key}: ${literal(it)}`)
    .join(" ")}}`;
};

/** The value of an enum: a word in a document, a text in variables. */
class Word {
  constructor(word) {
    this.word = word;
  }

  toJSON() {
    return this.word;
  }
}

class Writer {
  #chance;
  #mistakes;
  /** Selections that may still be written. */
  #left;
  #aliases = 0;
  #variables = {};
  #declared = [];
  #fragments = [];

  constructor(chance, mistakes) {
    this.#chance = chance;
    this.#mistakes = mistakes;
    this.#left = 5 + chance.int(chance.is(0.1) ? 400 : 60);
  }

  document() {
    const set = this.#set(this.#wrong() ? schema.getType("City") : schema.getQueryType(), 0);
    const declared = this.#declared.length > 0 ? `(${this.#declared.join(" ")})` : "";
    const kind = this.#wrong()
      ? this.#chance.pick(["mutation", "subscription", "fragment a on City", "qwery"])
      : "query Q";
    const query = [`${kind}${declared} ${set}`, ...this.#fragments].join("\n");
    return { query: this.#wrong() ? this.#cut(query) : query, variables: this.#variables };
  }

  #wrong() {
    return this.#chance.is(this.#mistakes);
  }

  #cut(text) {
    const at = this.#chance.int(text.length);
    return (
      text.slice(0, at) +
      this.#chance.pick(["", "{", "}", '"', "$", "@", "...", "\u0000"]) +
      text.slice(at + this.#chance.int(5))
    );
  }

  #set(type, depth) {
    const chance = this.#chance;
    const written = [];
    const count = 1 + chance.int(depth === 0 ? 6 : 8);
    const fields = Object.values(type.getFields?.() ?? {});
    for (let n = 0; n < count && this.#left > 0 && fields.length > 0; n += 1) {
      this.#left -= 1;
      written.push(this.#selection(type, chance.pick(fields), depth));
    }
    const text = written.filter(Boolean).join(" ");
    return `{ ${text || (this.#wrong() ? "" : "__typename")} }`;
  }

  #selection(type, field, depth) {
    const chance = this.#chance;
    if (isAbstractType(type) && chance.is(0.4)) {
      const on = chance.pick(schema.getPossibleTypes(type));
      return `... on ${this.#wrong() ? chance.pick(TYPES) : on} ${this.#set(on, depth)}`;
    }
    if (chance.is(0.05)) return `... @include(if: ${chance.is(0.9)}) ${this.#set(type, depth)}`;
    if (chance.is(0.05) && this.#fragments.length < 20) {
      const name = this.#wrong() ? "x" : `F${this.#fragments.length}`;
      this.#fragments.push("");
      const at = this.#fragments.length - 1;
      this.#fragments[at] =
        `fragment F${at} on ${this.#wrong() ? chance.pick(TYPES) : type.name} ${this.#set(type, depth)}`;
      return `...${name}`;
    }
    return this.#field(field, depth);
  }

  #field(field, depth) {
    const chance = this.#chance;
    const of = getNamedType(field.type);
    if (!isLeafType(of) && depth > 9) return "__typename";
    // Cursors are of one list, and few are meant by chance.
    const taken = field.args.filter(({ name }) => this.#mistakes > 0 || !["after", "before", "last"].includes(name));
    const given = taken.filter((it) =>
      isNonNullType(it.type) && it.defaultValue === undefined ? !this.#wrong() : chance.is(0.3),
    );
    const args = given.map((it) => `${this.#wrong() ? chance.pick(NAMES) : it.name}: ${this.#given(it)}`);
    const name = this.#wrong() ? chance.pick(NAMES) : field.name;
    // Fields of one name with other arguments conflict, so that those have names of their own while there may be more.
    const alias = args.length > 0 && this.#aliases < 29 ? `a${(this.#aliases += 1)}: ` : "";
    const directive = chance.is(0.03) ? ` @${chance.pick(["skip", "include"])}(if: ${chance.is(0.5)})` : "";
    const below = isLeafType(of) === this.#wrong() ? ` ${this.#set(of, depth + 1)}` : "";
    return `${alias}${name}${args.length > 0 ? `(${args.join(" ")})` : ""}${directive}${below}`;
  }

  #given(argument) {
    const value = this.#value(argument.type, 0, argument.name);
    if (!this.#chance.is(0.3)) return literal(value);
    const name = `v${this.#declared.length}`;
    this.#declared.push(`$${name}: ${this.#wrong() ? this.#chance.pick(TYPES) : argument.type}`);
    if (!this.#wrong()) this.#variables[name] = value;
    return `$${name}`;
  }

  #value(type, depth, name) {
    const chance = this.#chance;
    if (this.#wrong()) return chance.pick([null, true, 0, "x", [], {}, [[]], { x: 1 }, new Word("X")]);
    if (isListType(getNullableType(type))) {
      // The same order twice is a mistake, and so is the same group.
      const most = this.#mistakes === 0 && ["orderBy", "groupBy"].includes(name) ? 1 : 3;
      const count = chance.is(this.#mistakes / 2) ? 101 : 1 + chance.int(most);
      return times(depth > 3 ? 1 : count, () => this.#value(getNullableType(type).ofType, depth + 1, name));
    }
    const of = getNamedType(type);
    if (isEnumType(of)) return new Word(chance.pick(of.getValues()).name);
    if (isInputObjectType(of)) return this.#object(of, depth);
    if (["first", "last"].includes(name)) return chance.is(0.9) ? 1 + chance.int(5) : chance.pick(NUMBERS);
    if (of.name === "Int") return this.#mistakes === 0 ? 1 + chance.int(100) : chance.pick(NUMBERS);
    if (of.name === "Float") return chance.pick(NUMBERS);
    if (of.name === "Boolean") return chance.is(0.5);
    return chance.pick(this.#mistakes > 0 ? TEXTS : (TAKEN[of.name] ?? SLUGS));
  }

  #object(type, depth) {
    const chance = this.#chance;
    const fields = Object.values(type.getFields());
    const must = fields.filter((it) => isNonNullType(it.type) && it.defaultValue === undefined);
    const count = type.isOneOf ? 1 : chance.int(depth > 2 ? 2 : 4);
    const may = times(count, () => chance.pick(fields)).filter(
      (it) => depth < 6 || !isInputObjectType(getNamedType(it.type)),
    );
    return Object.fromEntries([...must, ...may].map((it) => [it.name, this.#value(it.type, depth + 1, it.name)]));
  }
}
