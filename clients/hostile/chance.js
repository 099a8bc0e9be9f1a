// Chance that can be repeated: the same seed gives the same numbers.

/** `HOSTILE_SEED=7 npm test -- hostile.test.js` tries other documents and bodies than those that are always tried. */
export const SEED = Number(process.env.HOSTILE_SEED ?? 1);

export class Chance {
  #state;

  /** `n` is which of the cases of a seed this is, so that one can be made without those before it. */
  constructor(n, seed = SEED) {
    this.#state = Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(n + 1, 0x85ebca6b);
  }

  /** 0 to 1, without 1 (mulberry32). */
  next() {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let bits = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from 0, without `below`. */
  int(below) {
    return Math.floor(this.next() * below);
  }

  /** Whether something happens that does so in this share of all cases. */
  is(share) {
    return this.next() < share;
  }

  pick(list) {
    return list[this.int(list.length)];
  }

  bytes(length) {
    return Buffer.from(Array.from({ length }, () => this.int(256)));
  }
}

/** Something several times, one after another. */
export const times = (count, make) => Array.from({ length: count }, (_, n) => make(n));

/** The same joined by blanks. */
export const words = (count, make) => times(count, make).join(" ");
