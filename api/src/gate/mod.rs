//! What every operation passes before it runs: its document is bounded, parsed once and asked which operation is meant, its
//! variables and the values in it are checked against their types, and what it can cost is known. A document that has run
//! before is known by its text. Whether the document fits the schema in all else is left to the engine, which looks at it
//! only after this.
mod check;
mod cost;
mod documents;
mod literals;
mod persisted;
mod root;
mod scan;
mod size;
mod types;
mod variables;

use std::sync::Arc;

use async_graphql::{
    Request, ServerError, Value, Variables,
    parser::{
        self, parse_query,
        types::{DocumentOperations, ExecutableDocument, OperationDefinition, OperationType},
    },
};

use crate::error::{ApiError, Code};
use documents::Documents;
pub use documents::Fresh;
pub use persisted::Hash;
use persisted::Persisted;
pub use root::RootField;
pub use types::Types;

/// The most brackets inside each other. The parser calls itself for each, and the stack of a thread is bounded.
const NESTING_MAX: usize = 100;
/// The most mistakes that are told of at once.
const MISTAKES_MAX: usize = 20;

/// What a document may come to. Selections, aliases and directives count as often as the fragments that they are in are
/// spread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    pub characters: usize,
    pub tokens: usize,
    pub operations: usize,
    pub selections: u64,
    /// Fields inside each other; and below `__schema` and `__type`.
    pub depth: u64,
    pub introspection_depth: u64,
    pub aliases: u64,
    pub root_fields: u64,
    pub directives: u64,
    /// Rows that an operation could read.
    pub cost: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            characters: 15_000,
            tokens: 2_000,
            operations: 20,
            selections: 5_000,
            depth: 12,
            introspection_depth: 20,
            aliases: 30,
            root_fields: 20,
            directives: 50,
            cost: 100_000,
        }
    }
}

/// How a gate is set.
#[derive(Clone, Debug)]
pub struct Rules {
    pub limits: Limits,
    /// Whether the schema may be asked for. Without, messages tell no names of it that were not asked.
    pub introspection: bool,
    /// Memory for documents that have run before; 0 remembers none.
    pub document_bytes: usize,
}

impl Default for Rules {
    fn default() -> Self {
        Rules { limits: Limits::default(), introspection: true, document_bytes: 1024 * 1024 }
    }
}

/// What a client asks, as it came over whatever transport.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Asked {
    /// The document; absent where its hash stands for it.
    pub query: Option<String>,
    pub operation_name: Option<String>,
    pub variables: Variables,
    /// The hash of the document, by which it is to be known.
    pub persisted: Option<Hash>,
}

/// An operation that may run.
pub struct Operation {
    pub document: Arc<ExecutableDocument>,
    pub name: Option<String>,
    /// As the operation's types want them.
    pub variables: Variables,
    pub ty: OperationType,
    /// The fields of the answer, in its order.
    pub root: Vec<RootField>,
    /// The most rows that it could read.
    pub cost: u64,
    /// Seconds that its answer may be kept by others; `None` where nothing says so.
    pub max_age: Option<u32>,
    /// To be remembered once the engine has accepted it; nothing for what it has accepted before.
    pub fresh: Option<Fresh>,
}

impl Operation {
    /// The operation itself.
    pub fn definition(&self) -> Result<&OperationDefinition, Refusal> {
        choose(&self.document, self.name.as_deref())
    }

    /// For the engine.
    pub fn request(&self) -> Request {
        let mut request = Request::new("").variables(self.variables.clone());
        request.operation_name.clone_from(&self.name);
        request.set_parsed_query(ExecutableDocument::clone(&self.document));
        request
    }
}

/// Why an operation may not run. All its errors have the same code.
#[derive(Debug)]
pub struct Refusal {
    pub code: Code,
    pub errors: Vec<ServerError>,
}

impl Refusal {
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        let error = ApiError::new(code, message).into_server_error();
        Refusal { code, errors: vec![error] }
    }

    /// A refusal with errors that have no code yet.
    pub fn of(code: Code, mut errors: Vec<ServerError>) -> Self {
        errors.truncate(MISTAKES_MAX);
        for error in &mut errors {
            error.extensions.get_or_insert_default().set("code", code.as_str());
        }
        Refusal { code, errors }
    }

    /// With a value more in the extensions of its errors.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        let value = value.into();
        for error in &mut self.errors {
            error.extensions.get_or_insert_default().set(name, value.clone());
        }
        self
    }

    fn too_complex(limit: &str, message: String) -> Self {
        Refusal::new(Code::DocumentTooComplex, message).with("limit", limit)
    }
}

/// The gate of a schema.
pub struct Gate {
    types: Arc<Types>,
    rules: Rules,
    documents: Documents,
    persisted: Persisted,
}

impl Gate {
    pub fn new(types: Arc<Types>, rules: Rules) -> Self {
        // Texts take less than what is parsed of them.
        let texts = rules.document_bytes / 4;
        let documents = Documents::new(rules.document_bytes - texts);
        let persisted = Persisted::new(texts);
        Gate { types, rules, documents, persisted }
    }

    /// Whether the schema has operations of this type.
    pub fn serves(&self, ty: OperationType) -> bool {
        self.types.has_root(ty)
    }

    /// Lets an operation pass, or says why not.
    pub fn admit(&self, asked: Asked) -> Result<Operation, Refusal> {
        let (text, hash) = self.persisted.text(asked.query, asked.persisted)?;
        let known = self.documents.get(&text);
        let document = match &known {
            Some(known) => known.document.clone(),
            None => Arc::new(self.document(&text)?),
        };
        let name = asked.operation_name.filter(|name| !name.is_empty());
        let operation = choose(&document, name.as_deref())?;
        let definitions = &operation.variable_definitions;
        let variables =
            self.types.coerce(definitions, asked.variables, self.rules.introspection)?;
        let manner = documents::manner(name.as_deref(), definitions, &variables);
        let accepted = known.and_then(|known| known.accepts(&manner));
        let priced = match accepted.flatten() {
            Some(priced) => priced,
            None => {
                let limits = &self.rules.limits;
                cost::check(&self.types, &document, operation, &variables, limits)?
            }
        };
        let fresh = match accepted {
            None => {
                let cost = priced.is_fixed.then_some(priced);
                let tokens = scan::scan(&text).tokens as u64;
                Some(Fresh { text, hash, tokens, manner, cost })
            }
            Some(_) => {
                if let Some(hash) = hash {
                    self.persisted.keep(hash, text);
                }
                None
            }
        };
        let cost::Known { cost, max_age, .. } = priced;
        let ty = operation.ty;
        let root = root::fields(&self.types, &document, operation, &variables);
        Ok(Operation { document, name, variables, ty, root, cost, max_age, fresh })
    }

    /// Remembers a document that the engine has accepted.
    pub fn remember(&self, fresh: Fresh, document: Arc<ExecutableDocument>) {
        if let Some(hash) = fresh.hash {
            self.persisted.keep(hash, fresh.text.clone());
        }
        self.documents.remember(fresh, document);
    }

    /// Parses a document. What is refused before costs no more than reading it, what is
    /// refused after no more than its length.
    fn document(&self, query: &str) -> Result<ExecutableDocument, Refusal> {
        let limits = &self.rules.limits;
        let too_large = |limit: &str, most: usize, what: &str| {
            let message = format!(
                "the document has more than {most} {what}: put large values into variables"
            );
            Refusal::new(Code::DocumentTooLarge, message).with("limit", limit)
        };
        // A text has at least a quarter as many characters as bytes, so a long one need not be counted.
        let characters = limits.characters;
        if query.len() > 4 * characters || query.chars().count() > characters {
            return Err(too_large("characters", characters, "characters"));
        }
        let scan = scan::scan(query);
        if scan.tokens > limits.tokens {
            return Err(too_large("tokens", limits.tokens, "tokens"));
        }
        if scan.nesting > NESTING_MAX {
            let message =
                format!("the document has more than {NESTING_MAX} brackets inside each other");
            return Err(Refusal::too_complex("nesting", message));
        }
        let document = parse_query(query).map_err(syntax)?;
        let operations = limits.operations;
        if document.operations.iter().count() > operations {
            let message = format!("the document has more than {operations} operations");
            return Err(Refusal::too_complex("operations", message));
        }
        size::check(&document, limits)?;
        if !self.rules.introspection && size::asks_schema(&document) {
            let message = "this server does not tell of its schema";
            return Err(Refusal::new(Code::DocumentInvalid, message));
        }
        self.types.check_literals(&document, self.rules.introspection)?;
        Ok(document)
    }
}

/// The parser draws a picture of the place; the place is in `locations` too, and what it expected is the last line.
fn syntax(error: parser::Error) -> Refusal {
    let mut error = ServerError::from(error);
    if let Some(expected) = error.message.lines().last() {
        error.message =
            format!("syntax error: {}", expected.trim_start().trim_start_matches("= ").trim());
    }
    Refusal::of(Code::SyntaxInvalid, vec![error])
}

fn choose<'d>(
    document: &'d ExecutableDocument,
    name: Option<&str>,
) -> Result<&'d OperationDefinition, Refusal> {
    let found = match (&document.operations, name) {
        (DocumentOperations::Single(operation), None) => Some(operation),
        (DocumentOperations::Single(_), Some(_)) => None,
        (DocumentOperations::Multiple(operations), Some(name)) => operations.get(name),
        (DocumentOperations::Multiple(operations), None) => {
            let mut all = operations.values();
            all.next().filter(|_| all.next().is_none())
        }
    };
    found.map(|operation| &operation.node).ok_or_else(|| {
        let message = match name {
            Some(name) => format!("the document has no operation named {name:?}"),
            None => "the document has several operations: say which by `operationName`".to_owned(),
        };
        Refusal::new(Code::OperationUnknown, message)
    })
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;
    use crate::record::price::Prices;

    pub(super) const SDL: &str = "
        type Query { ok: Boolean  one(by: By!): One  many(first: Int, filter: Filter): Many! }
        type One { id: ID!  one: One  many: Many! }
        type Many { nodes: [One!]! }
        enum Kind { TOWN CITY }
        scalar Lang
        input By @oneOf { id: ID  slug: String }
        input Filter {
            and: [Filter!]  not: Filter  kind: [Kind!]  count: Int  area: Float  is: Boolean
            lang: Lang  name: String  scheme: String!  page: Int! = 3
        }";

    /// A gate of a schema in which nothing costs anything.
    pub(super) fn gate(sdl: &str) -> Gate {
        let types = Types::new(sdl, &Prices::default()).unwrap();
        Gate::new(Arc::new(types), Rules::default())
    }

    fn admit(query: &str, name: Option<&str>) -> Result<Operation, Refusal> {
        let name = name.map(str::to_owned);
        let asked =
            Asked { query: Some(query.to_owned()), operation_name: name, ..Asked::default() };
        gate(SDL).admit(asked)
    }

    fn refused(query: &str) -> (Code, String) {
        let refusal = admit(query, None).map(drop).unwrap_err();
        (refusal.code, refusal.errors[0].message.clone())
    }

    fn limit_of(refusal: &Refusal) -> (Code, Option<String>) {
        let limit = refusal.errors[0].extensions.as_ref().and_then(|it| it.get("limit"));
        let limit = limit.and_then(|limit| match limit {
            Value::String(limit) => Some(limit.clone()),
            _ => None,
        });
        (refusal.code, limit)
    }

    #[test]
    fn each_limit_is_named_by_its_refusal() {
        let with = |rules: Rules, query: &str| {
            let types = Types::new(SDL, &Prices::default()).unwrap();
            let operation_name = query.contains("query A").then(|| "A".to_owned());
            let asked = Asked { query: Some(query.to_owned()), operation_name, ..Asked::default() };
            let refusal = Gate::new(Arc::new(types), rules).admit(asked).map(drop);
            refusal.map_err(|refusal| limit_of(&refusal))
        };
        let limits = Limits {
            characters: 200,
            tokens: 60,
            operations: 2,
            selections: 12,
            depth: 3,
            introspection_depth: 4,
            aliases: 2,
            root_fields: 5,
            directives: 2,
            cost: 10_000,
        };
        let (large, complex) = (Code::DocumentTooLarge, Code::DocumentTooComplex);
        for (limit, code, fits, too_much) in [
            (
                "characters",
                large,
                format!("{{ ok }}{}", "#".repeat(194)),
                format!("{{ ok }}{}", "#".repeat(195)),
            ),
            (
                "tokens",
                large,
                format!("{{ ok(a: [{}]) }}", "1 ".repeat(51)),
                format!("{{ ok(a: [{}]) }}", "1 ".repeat(53)),
            ),
            (
                "operations",
                complex,
                "query A { ok } query B { ok }".into(),
                "query A { ok } query B { ok } query C { ok }".into(),
            ),
            (
                "selections",
                complex,
                "{ many { nodes { id id id id id id id id id id } } }".into(),
                "{ many { nodes { id id id id id id id id id id id } } }".into(),
            ),
            (
                "depth",
                complex,
                "{ many { nodes { id } } }".into(),
                "{ many { nodes { one { id } } } }".into(),
            ),
            (
                "introspectionDepth",
                complex,
                "{ __schema { a { b { c { d } } } } }".into(),
                "{ __schema { a { b { c { d { e } } } } } }".into(),
            ),
            (
                "introspectionLists",
                complex,
                "{ __schema { types { fields { name } } } }".into(),
                "{ __type { fields { type { fields { type { fields { name } } } } } } }".into(),
            ),
            ("aliases", complex, "{ a: ok b: ok }".into(), "{ a: ok b: ok c: ok }".into()),
            ("rootFields", complex, "{ ok ok ok ok ok }".into(), "{ ok ok ok ok ok ok }".into()),
            ("directives", complex, "{ ok @a @a }".into(), "{ ok @a @a @a }".into()),
        ] {
            let mut limits = limits.clone();
            if limit == "introspectionLists" {
                limits.introspection_depth = 20;
            }
            let rules = Rules { limits, ..Rules::default() };
            assert!(
                with(rules.clone(), &fits).is_ok(),
                "{limit}: {:?}",
                with(rules.clone(), &fits).err()
            );
            let refusal = with(rules, &too_much).expect_err(limit);
            assert_eq!(refusal, (code, Some(limit.to_owned())), "{limit}");
        }
    }

    #[test]
    fn the_operation_is_the_one_that_is_named() {
        let two = "query A { ok } mutation B { ok }";

        assert_eq!(admit(two, Some("A")).unwrap().ty, OperationType::Query);
        assert_eq!(admit(two, Some("B")).unwrap().ty, OperationType::Mutation);
        for (query, name) in [
            (two, None),
            (two, Some("C")),
            (two, Some("")),
            ("{ ok }", Some("A")),
            ("query A { ok }", Some("B")),
        ] {
            let refusal = admit(query, name).map(drop).unwrap_err();
            assert_eq!(refusal.code, Code::OperationUnknown, "{query} {name:?}");
        }
        for (query, name) in [("{ ok }", None), ("{ ok }", Some("")), ("query A { ok }", None)] {
            assert!(admit(query, name).is_ok(), "{query} {name:?}");
        }
    }

    #[test]
    fn a_syntax_error_is_one_line_with_its_place() {
        let refusal = admit("{\n  ok(", None).map(drop).unwrap_err();

        let error = &refusal.errors[0];
        assert_eq!(refusal.code, Code::SyntaxInvalid);
        assert!(error.message.starts_with("syntax error: expected "), "{}", error.message);
        assert!(!error.message.contains('\n'));
        assert_eq!((error.locations[0].line, error.locations[0].column), (2, 6));
    }

    #[test]
    fn syntax_errors_do_not_repeat_the_document() {
        let long = "x".repeat(10_000);
        for query in ["", "}", "query", "fragment A on Query { ok }", &format!("{{ ok }} {long}")] {
            let (code, message) = refused(query);
            assert_eq!(code, Code::SyntaxInvalid, "{query}");
            assert!(message.len() < 200 && !message.contains('\n'), "{message}");
        }
    }

    #[test]
    fn long_documents_are_refused() {
        let fill = "#".repeat(Limits::default().characters - "{ ok }\n".len());

        assert!(admit(&format!("{{ ok }}\n{fill}"), None).is_ok());
        assert_eq!(refused(&format!("{{ ok }}\n{fill}#")).0, Code::DocumentTooLarge);
        // Characters count, not bytes.
        assert!(admit(&format!("{{ ok }}\n#{}", "ộ".repeat(fill.len() - 1)), None).is_ok());
    }

    #[test]
    fn deep_documents_are_refused_before_they_are_parsed() {
        for (open, close) in [("[", "]"), ("{a:", "}")] {
            let value = |depth: usize| format!("{}1{}", open.repeat(depth), close.repeat(depth));

            assert!(
                admit(&format!("{{ a(x: {}) {{ b }} }}", value(NESTING_MAX - 2)), None).is_ok()
            );
            let query = format!("{{ a(x: {}) {{ b }} }}", value(NESTING_MAX - 1));
            let refusal = admit(&query, None).map(drop).unwrap_err();
            assert_eq!(limit_of(&refusal), (Code::DocumentTooComplex, Some("nesting".to_owned())));
        }
        assert_eq!(refused(&"{a".repeat(900)).0, Code::DocumentTooComplex);
    }

    #[test]
    fn fragments_that_open_to_much_are_refused_at_once() {
        let mut query = "{ ...f0 }".to_owned();
        for n in 0..120 {
            write!(query, " fragment f{n} on Query {{ ...f{0} ...f{0} }}", n + 1).unwrap();
        }
        query.push_str(" fragment f120 on Query { ok }");

        assert_eq!(refused(&query).0, Code::DocumentTooComplex);
    }

    #[test]
    fn fragments_that_hold_themselves_are_refused() {
        for query in [
            "{ ...a } fragment a on Query { ok ...a }",
            "{ ...a } fragment a on Query { ...b ...b } fragment b on Query { ok { ...a } }",
            "{ ok } fragment a on Query { ... { ...a } }",
        ] {
            assert_eq!(refused(query).0, Code::DocumentInvalid, "{query}");
        }
    }
}
