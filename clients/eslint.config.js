// The rules of graphql-eslint for schemas, and where ours is otherwise on purpose.
import graphql from "@graphql-eslint/eslint-plugin";

const schema = new URL("../schema.graphql", import.meta.url).pathname;

/** Types that are no records: what they are is what they hold, and they have no life of their own. */
const VALUES = [
  "AbsentValue",
  "Actor",
  "AlternateName",
  "BooleanValue",
  "Budget",
  "DateValue",
  "FieldConflict",
  "FieldDiff",
  "FuzzyDate",
  "GeoCoordinates",
  "GeoValue",
  "Highlight",
  "Identifier",
  "IdentifierMatch",
  "IdentifierValue",
  "License",
  "Limits",
  "Money",
  "PageInfo",
  "Qualifier",
  "QuantityValue",
  "RecordValue",
  "SearchFacets",
  "SearchMatch",
  "StringValue",
  "Text",
  "TextSpan",
  "TextValue",
  "UserError",
  "Viewer",
];

export default [
  {
    files: ["schema.graphql"],
    plugins: { "@graphql-eslint": graphql },
    languageOptions: { parser: graphql.parser, parserOptions: { graphQLConfig: { schema } } },
    rules: {
      ...graphql.configs["flat/schema-recommended"].rules,
      ...graphql.configs["flat/schema-relay"].rules,

      // The file is written by the program, with each description on one line.
      "@graphql-eslint/description-style": ["error", { style: "inline" }],

      // Lists of records go forwards alone: they are read for many records by one statement, from their beginnings.
      // Lists at the root have all four arguments.
      "@graphql-eslint/relay-arguments": ["error", { includeBoth: false }],

      // Lists that cannot grow past 100, such as names by language, are plain lists, and `nodes` is a page without
      // cursors.
      "@graphql-eslint/relay-edge-types": [
        "error",
        { withEdgeSuffix: true, shouldImplementNode: true, listTypeCanWrapOnlyEdgeType: false },
      ],

      // Pages, edges and counts are parts of an answer, and no records either.
      "@graphql-eslint/strict-id-in-types": [
        "error",
        { exceptions: { types: VALUES, suffixes: ["Connection", "Edge", "Stats", "Group", "Facet", "Payload"] } },
      ],
    },
  },
];
