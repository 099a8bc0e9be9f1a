//! What every operation passes before it runs: its document is bounded, parsed once and asked which operation is meant, its
//! variables and the values in it are checked against their types, what it can cost is known, and that is taken off what its
//! caller may spend. A document that has run before is known by its text. Whether the document fits the schema in all else
//! is left to the engine, which looks at it only after this.
mod budget;
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
mod written;

use std::sync::Arc;

use async_graphql::{
    Request, ServerError, Value, Variables,
    parser::{
        self, parse_query,
        types::{DocumentOperations, ExecutableDocument, OperationDefinition, OperationType},
    },
};

use crate::error::{ApiError, Code};
pub use budget::charge;
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
    /// Whether its answer is about who asks, so that nobody may keep it.
    pub is_personal: bool,
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
    /// Seconds after which the same may be let in.
    pub retry_after: Option<u32>,
}

impl Refusal {
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        ApiError::new(code, message).into()
    }

    /// A refusal with errors that have no code yet.
    pub fn of(code: Code, mut errors: Vec<ServerError>) -> Self {
        errors.truncate(MISTAKES_MAX);
        for error in &mut errors {
            error.extensions.get_or_insert_default().set("code", code.as_str());
        }
        Refusal { code, errors, retry_after: None }
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

impl From<ApiError> for Refusal {
    fn from(error: ApiError) -> Self {
        let code = error.code;
        Refusal { code, errors: vec![error.into_server_error()], retry_after: None }
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
        let cost::Known { cost, max_age, is_personal, .. } = priced;
        let ty = operation.ty;
        let root = root::fields(&self.types, &document, operation, &variables);
        Ok(Operation { document, name, variables, ty, root, cost, max_age, is_personal, fresh })
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
mod tests;
