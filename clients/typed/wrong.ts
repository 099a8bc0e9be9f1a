// What the types must not let through. Compiled, and never run: a line that compiles is an error of the compiler.
import { unmask } from "./__generated__/fragment-masking.js";
import {
  CitiesByDocument,
  CityPageDocument,
  MembersDocument,
  NamedFragmentDoc,
  type AnyRecordQuery,
  type CityBy,
  type CityPageQuery,
  type MembersQuery,
  type Modality,
  type SourcedFragment,
  type ValueFragment,
} from "./__generated__/graphql.js";
import { run } from "./pages.js";

// @ts-expect-error Two keys where exactly one is wanted.
export const two: CityBy = { slug: "ha-noi", id: "city_1" };

// @ts-expect-error No key.
export const none: CityBy = {};

// @ts-expect-error A value that the enum does not have.
export const unknown: Modality = "GUESSED";

// @ts-expect-error A variable is missing.
export const missing = run("", CityPageDocument, { lang: "en" });

// @ts-expect-error A variable of another type.
export const number = run("", MembersDocument, { first: "10" });

// @ts-expect-error A filter that the list does not have.
export const filter = run("", MembersDocument, { first: 10, filter: { contry: {} } });

// @ts-expect-error A group that cities do not have.
export const group = run("", CitiesByDocument, { groupBy: ["COLOR"] });

// @ts-expect-error A city can be missing.
export const nullable = (page: CityPageQuery) => page.city.population;

// @ts-expect-error A field that was not asked for.
export const notAsked = (page: CityPageQuery) => page.city?.timeZone;

// @ts-expect-error A field of a fragment, which only who spreads it may read.
export const masked = (page: CityPageQuery) => page.city?.slug;

// @ts-expect-error A fragment that the record does not have.
export const notSpread = (page: MembersQuery) => unmask(NamedFragmentDoc, page.memberships.edges[0]!.node);

// @ts-expect-error An amount is exact, and therefore no number.
export const amount = (value: Extract<ValueFragment, { __typename: "QuantityValue" }>): number => value.amount;

// @ts-expect-error Only some values have an amount.
export const narrowed = (value: ValueFragment) => value.amount;

// @ts-expect-error Only a city has a population.
export const population = (record: NonNullable<AnyRecordQuery["node"]>) => record.population;

// @ts-expect-error There may be no citation.
export const quote = (row: SourcedFragment): string | null | undefined => row.citations.nodes[0].quote;
