// For each code of the guide's table, requests that the server refuses with it.
const post = (body, headers = {}) => ({
  method: "POST",
  headers: { "content-type": "application/json", ...headers },
  body: typeof body === "string" ? body : JSON.stringify(body),
});
const query = (query, variables) => post({ query, variables });

const LIMITS = {
  characters: (count) => query("{ __typename } #".padEnd(count, "x")),
  tokens: (count) => query(`{ a(b: [${"1 ".repeat(count - 9)}]) }`),
  operations: (count) => {
    const documents = Array.from({ length: count }, (_, n) => `query Q${n} { __typename }`).join(" ");
    return post({ query: documents, operationName: "Q0" });
  },
  // A hundred for each time that the fragment is spread.
  selections: (count) => {
    const [spread, alone] = [Math.floor(count / 100) - 1, 99 + (count % 100)];
    return query(`{ a { ${"...f ".repeat(spread)} ${"b ".repeat(alone)} } } fragment f on A { ${"b ".repeat(99)} }`);
  },
  roots: (count) => query(`{ ${"a ".repeat(count)} }`),
  aliases: (count) => query(`{ a { ${"x: b ".repeat(count)} } }`),
  directives: (count) => query(`{ a ${"@b ".repeat(count)} }`),
  fields: (count) => query("{ a ".repeat(count) + "}".repeat(count)),
  sets: (count) => query(`${"{ ... ".repeat(count - 1)}{ a }${"}".repeat(count - 1)}`),
  brackets: (count) => query(`{ a(b: ${"[".repeat(count - 2)}${"]".repeat(count - 2)}) }`),
};

/** Requests that just keep within the limits of documents; what is wrong with them is found after these. */
export const WITHIN_LIMITS = [
  LIMITS.characters(15_000),
  LIMITS.tokens(2_000),
  LIMITS.operations(20),
  LIMITS.selections(5_000),
  LIMITS.roots(20),
  LIMITS.aliases(30),
  LIMITS.directives(50),
  LIMITS.fields(12),
  LIMITS.sets(32),
  LIMITS.brackets(100),
];

/** Refused requests by code. */
export const REFUSALS = {
  SYNTAX_INVALID: [query("{ cities {")],
  DOCUMENT_INVALID: [
    query("{ cities { nodes { nmae } } }"),
    query('{ cities(first: "1") { totalCount } }'),
    query('{ city(by: { slug: "ha-noi", id: "a" }) { id } }'),
    query('{ city(by: "ha-noi") { id } }'),
    query('{ cities(filter: { country: "VN" }) { totalCount } }'),
    query("{ cities(orderBy: NAME) { totalCount } }"),
    query('{ initiatives(filter: { rank: "NORMAL" }) { totalCount } }'),
    query("query ($n: Int) { cities(filter: { slug: { eq: $n } }) { totalCount } }"),
    query("mutation { deleteCity }"),
  ],
  OPERATION_UNKNOWN: [query("query A { __typename } query B { __typename }")],
  VARIABLES_INVALID: [
    query("query ($n: Int) { cities(first: $n) { totalCount } }", { n: "1" }),
    query("query ($f: CityFilter) { cities(filter: $f) { totalCount } }", { f: { contry: {} } }),
    query("query ($by: CityBy!) { city(by: $by) { id } }"),
    query("query ($by: CityBy!) { city(by: $by) { id } }", { by: { slug: "ha-noi", id: null } }),
  ],
  DOCUMENT_TOO_LARGE: [LIMITS.characters(15_001), LIMITS.tokens(2_001)],
  DOCUMENT_TOO_COMPLEX: [
    LIMITS.operations(21),
    LIMITS.selections(5_001),
    LIMITS.roots(21),
    LIMITS.aliases(31),
    LIMITS.directives(51),
    LIMITS.fields(13),
    query("query ($f: CityFilter) { cities(filter: $f) { totalCount } }", {
      f: { or: Array(20).fill({ or: Array(20).fill({ slug: { eq: "a" } }) }) },
    }),
    LIMITS.sets(33),
    LIMITS.brackets(101),
  ],
  COST_TOO_HIGH: [
    query(`{ cities(first: 100) { nodes { initiatives(first: 100) { nodes { goals(first: 10) { nodes { id } } } } } } }`),
  ],
  BODY_INVALID: [post("{"), { method: "GET", headers: {} }],
  BATCH_NOT_ALLOWED: [post([{ query: "{ __typename }" }])],
  PERSISTED_QUERY_NOT_FOUND: [post({ extensions: { persistedQuery: { version: 1, sha256Hash: "a".repeat(64) } } })],
  PERSISTED_QUERY_NOT_SUPPORTED: [post({ extensions: { persistedQuery: { version: 2, sha256Hash: "a" } } })],
  METHOD_NOT_ALLOWED: [{ method: "PUT", headers: {} }],
  MEDIA_TYPE_NOT_SUPPORTED: [
    post("{}", { "content-type": "text/plain" }),
    post({ query: "{ __typename }" }, { accept: "text/html" }),
  ],
  UNAUTHENTICATED: [
    post({ query: "{ __typename }" }, { authorization: "Bearer cg_0123456789_secret" }),
    post({ query: "{ __typename }" }, { authorization: "Basic bWU6c2VjcmV0" }),
    query("{ changes { nodes { author { name } } } }"),
  ],
  BODY_TOO_LARGE: [query(" ".repeat(1_048_576))],
  PAGE_INVALID: [
    query("{ cities(first: 1001) { nodes { slug } } }"),
    query("{ cities(first: 101) { nodes { name } } }"),
    query("{ conflicts(first: 101) { nodes { id } } }"),
    query("{ cities(first: 1, last: 1) { nodes { name } } }"),
    query('{ city(by: { slug: "ha-noi" }) { initiatives(first: 101) { nodes { name } } } }'),
  ],
  CURSOR_INVALID: [
    query('{ cities(after: "page-2") { nodes { name } } }'),
    query('{ changes(after: "page-2") { position } }'),
  ],
  FILTER_INVALID: [
    query("{ cities(filter: null) { totalCount } }"),
    query("{ cities(filter: { country: null }) { totalCount } }"),
    query("query ($slug: String) { cities(filter: { slug: { eq: $slug } }) { totalCount } }", { slug: null }),
    query("{ cities(filter: { or: [] }) { totalCount } }"),
    query("{ cities(orderBy: [{ field: NAME }, { field: NAME }]) { totalCount } }"),
    query('{ cities(orderBy: [{ field: POPULATION, lang: "vi" }]) { totalCount } }'),
    query(`{ cities(filter: { slug: { in: [${'"a" '.repeat(101)}] } }) { totalCount } }`),
    query("{ events(filter: { startDate: { within: {} } }) { totalCount } }"),
  ],
  VALUE_INVALID: [
    query('{ city(by: { slug: "ha-noi" }) { name(lang: "not a tag") } }'),
    query('{ events(filter: { startDate: { within: { from: "2021-02-30" } } }) { totalCount } }'),
    query('{ cities(orderBy: [{ field: NAME, lang: "fr" }]) { totalCount } }'),
  ],
  POSITION_UNKNOWN: [query('{ changes(after: "9999999999999999") { position } }')],
};

/** Codes whose requests need an answer before: the refused requests, made from what `ask` tells. */
export const REFUSALS_AFTER = {
  async CURSOR_MISMATCH(ask) {
    const { body } = await ask(query("{ cities(first: 1) { pageInfo { endCursor } } }"));
    const after = body.data.cities.pageInfo.endCursor;
    const lists = [
      "events(after: $after)",
      "cities(after: $after, filter: { country: {} })",
      "cities(after: $after, orderBy: [{ field: POPULATION }])",
    ];
    return lists.map((list) => query(`query ($after: String) { ${list} { totalCount } }`, { after }));
  },
};

/** Codes that no request reaches on purpose; the tests of the server do. */
export const NOT_BY_REQUEST = ["FORBIDDEN", "IDEMPOTENCY_KEY_REUSED", "BUDGET_EXHAUSTED", "ANSWER_TOO_LARGE", "TIMED_OUT", "INDEX_BUILDING", "POSITION_NOT_REACHED", "INTERNAL"];
