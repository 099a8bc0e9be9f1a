// What the guide says of generated types. Compiled with its files, never run.
import type { CityBy, DatedFragment, Modality } from "./gql/graphql.js";

export const one: CityBy = { slug: "ha-noi" };
// @ts-expect-error Two keys.
export const two: CityBy = { slug: "ha-noi", id: "city_1" };
// @ts-expect-error No key.
export const none: CityBy = {};
export const modality: Modality = "STATED";
// @ts-expect-error Null when there is no first day.
export const earliest = (date: DatedFragment): string => date.earliest;
export const written = (date: DatedFragment): string => date.edtf;
