//! What every operation passes before it runs: its document is bounded, parsed once and asked which operation is meant, its
//! variables and the values in it are checked against their types. A document that has run before is known by its text.
//! Whether the document fits the schema in all else is left to the engine, which looks at it only after this.
mod check;
mod documents;
mod literals;
mod root;
mod scan;
mod size;
mod types;
mod variables;

use std::sync::Arc;

use async_graphql::{
    Request, ServerError, Variables,
    parser::{
        self, parse_query,
        types::{DocumentOperations, ExecutableDocument, OperationDefinition, OperationType},
    },
};

use crate::error::{ApiError, Code};
pub use documents::{Documents, Fresh};
pub use root::RootField;
use size::Size;
use types::Types;

/// The most characters of a document.
const LENGTH_MAX: usize = 15_000;
/// The most brackets inside each other. The parser calls itself for each, and the stack of a thread is bounded.
const NESTING_MAX: usize = 100;
/// The most selections of a document with its fragments opened.
const SELECTIONS_MAX: u64 = 5_000;
/// The most fields inside each other; the questions of the first day need half of it.
const DEPTH_MAX: u64 = 24;
/// The most selection sets inside each other, those of fragments too.
const LEVELS_MAX: u64 = 32;
/// The most mistakes that are told of at once.
const MISTAKES_MAX: usize = 20;

/// What a client asks, as it came over whatever transport.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Asked {
    pub query: String,
    pub operation_name: Option<String>,
    pub variables: Variables,
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

    fn too_complex(limit: &str, message: String) -> Self {
        let mut refusal = Refusal::new(Code::DocumentTooComplex, message);
        for error in &mut refusal.errors {
            error.extensions.get_or_insert_default().set("limit", limit);
        }
        refusal
    }
}

/// The gate of a schema.
pub struct Gate {
    types: Types,
}

impl Gate {
    /// From the SDL of the schema.
    pub fn new(sdl: &str) -> Result<Self, parser::Error> {
        Ok(Gate { types: Types::new(sdl)? })
    }

    /// Whether the schema has operations of this type.
    pub fn serves(&self, ty: OperationType) -> bool {
        self.types.has_root(ty)
    }

    /// Lets an operation pass, or says why not.
    pub fn admit(&self, asked: Asked, documents: &Documents) -> Result<Operation, Refusal> {
        let known = documents.get(&asked.query);
        let (document, selections) = match &known {
            Some(known) => (known.document.clone(), known.selections),
            None => {
                let (document, size) = document(&asked.query)?;
                self.types.check_literals(&document)?;
                (Arc::new(document), size.selections)
            }
        };
        let name = asked.operation_name.filter(|name| !name.is_empty());
        let operation = choose(&document, name.as_deref())?;
        let definitions = &operation.variable_definitions;
        let variables = self.types.coerce(definitions, asked.variables)?;
        let manner = documents::manner(name.as_deref(), definitions, &variables);
        let is_known = known.is_some_and(|known| known.accepts(&manner));
        let text = asked.query.into_boxed_str();
        let fresh = (!is_known).then_some(Fresh { text, selections, manner });
        let ty = operation.ty;
        let root = root::fields(&self.types, &document, operation, &variables);
        Ok(Operation { document, name, variables, ty, root, fresh })
    }
}

/// Parses a document. What is refused before costs no more than reading it, what is refused after no more than its length.
fn document(query: &str) -> Result<(ExecutableDocument, Size), Refusal> {
    // A text has at least a quarter as many characters as bytes, so a long one need not be counted.
    if query.len() > 4 * LENGTH_MAX || query.chars().count() > LENGTH_MAX {
        let message = format!(
            "the document is longer than {LENGTH_MAX} characters: put large values into variables"
        );
        return Err(Refusal::new(Code::DocumentTooLarge, message));
    }
    if scan::nesting(query) > NESTING_MAX {
        let message =
            format!("the document has more than {NESTING_MAX} brackets inside each other");
        return Err(Refusal::too_complex("nesting", message));
    }
    let document = parse_query(query).map_err(syntax)?;
    let size = size::size(&document)?;
    for (limit, size, most, what) in [
        ("selections", size.selections, SELECTIONS_MAX, "selections"),
        ("depth", size.depth, DEPTH_MAX, "fields inside each other"),
        ("levels", size.levels, LEVELS_MAX, "selection sets inside each other"),
    ] {
        if size > most {
            let message =
                format!("the document has more than {most} {what}, with its fragments opened");
            return Err(Refusal::too_complex(limit, message));
        }
    }
    Ok((document, size))
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

    fn admit(query: &str, name: Option<&str>) -> Result<Operation, Refusal> {
        let name = name.map(str::to_owned);
        let asked = Asked { query: query.to_owned(), operation_name: name, ..Asked::default() };
        Gate::new(SDL).unwrap().admit(asked, &Documents::new(0))
    }

    fn refused(query: &str) -> (Code, String) {
        let refusal = admit(query, None).map(drop).unwrap_err();
        (refusal.code, refusal.errors[0].message.clone())
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
        let fill = "#".repeat(LENGTH_MAX - "{ ok }\n".len());

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
            for depth in [NESTING_MAX - 1, 3_500] {
                let query = format!("{{ a(x: {}) {{ b }} }}", value(depth));
                let refusal = admit(&query, None).map(drop).unwrap_err();
                let limit = refusal.errors[0].extensions.as_ref().and_then(|it| it.get("limit"));
                assert_eq!(refusal.code, Code::DocumentTooComplex);
                assert_eq!(limit, Some(&"nesting".into()));
            }
        }
        assert_eq!(refused(&"{a".repeat(7_000)).0, Code::DocumentTooComplex);
    }

    #[test]
    fn fragments_that_open_to_much_are_refused_at_once() {
        let mut query = "{ ...f0 }".to_owned();
        for n in 0..200 {
            write!(query, " fragment f{n} on Query {{ ...f{0} ...f{0} }}", n + 1).unwrap();
        }
        query.push_str(" fragment f200 on Query { ok }");

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
