//! Why an operation, or a part of one, is refused. A mistake in the input of a write is not here: it is data in the payload.
use std::sync::Arc;

use async_graphql::{ErrorExtensionValues, PathSegment, Pos, ServerError};
use sea_orm::DbErr;

use crate::auth::{Denied, Scope};

/// What `extensions.code` can say; clients branch on it, so a code never changes its meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// `first` or `last` out of 1 to 100, both at once, or with the cursor of the other.
    PageInvalid,
    /// A cursor that this server did not make.
    CursorInvalid,
    /// A cursor of another list, order or filter.
    CursorMismatch,
    /// A null operand, an empty range, too many operands, an order that means nothing.
    FilterInvalid,
    /// A value that its scalar does not take.
    ValueInvalid,
    /// A position that the change log has not reached: it is of another base, or of this one before a backup was restored.
    PositionUnknown,
    /// The search index has not come to a position in time.
    PositionNotReached,
    /// Nobody has said who asks, where that must be known, or has said it with a key that is none.
    Unauthenticated,
    /// Whoever asks may not do this; `extensions.scope` says what their key would have to allow.
    Forbidden,
    /// A write names itself as another one did.
    IdempotencyKeyReused,
    /// The document does not parse.
    SyntaxInvalid,
    /// The document does not fit the schema.
    DocumentInvalid,
    /// The text of the document is too long.
    DocumentTooLarge,
    /// The document is nested too deep or selects too much; `extensions.limit` names which.
    DocumentTooComplex,
    /// The operation could read too many records; `extensions.requested` and `limit` say how many.
    CostTooHigh,
    /// The caller has spent what there is for a minute; `extensions.retryAfter` says in how many seconds there is more.
    BudgetExhausted,
    /// The answer became too large while it was written.
    AnswerTooLarge,
    /// A variable that its type does not take.
    VariablesInvalid,
    /// No operation of that name, or several and no name.
    OperationUnknown,
    /// A request that is not GraphQL over HTTP.
    BodyInvalid,
    BodyTooLarge,
    /// Several operations in one request.
    BatchNotAllowed,
    /// A document by its hash alone, which this server has not seen; the client sends it again with its text.
    PersistedQueryNotFound,
    /// A document by another hash than SHA-256.
    PersistedQueryNotSupported,
    /// A body that is not JSON, or no media type that the client accepts.
    MediaTypeNotSupported,
    MethodNotAllowed,
    /// As many operations run on the socket as may at the same time.
    TooManyStreams,
    /// The request took longer than it may.
    TimedOut,
    /// The search index is being made.
    IndexBuilding,
    /// The server starts or stops, or has too much to do.
    Unavailable,
    /// Our own failure.
    Internal,
}

impl Code {
    /// The code as clients read it.
    pub fn as_str(self) -> &'static str {
        match self {
            Code::PageInvalid => "PAGE_INVALID",
            Code::CursorInvalid => "CURSOR_INVALID",
            Code::CursorMismatch => "CURSOR_MISMATCH",
            Code::FilterInvalid => "FILTER_INVALID",
            Code::ValueInvalid => "VALUE_INVALID",
            Code::PositionUnknown => "POSITION_UNKNOWN",
            Code::PositionNotReached => "POSITION_NOT_REACHED",
            Code::Unauthenticated => "UNAUTHENTICATED",
            Code::Forbidden => "FORBIDDEN",
            Code::IdempotencyKeyReused => "IDEMPOTENCY_KEY_REUSED",
            Code::SyntaxInvalid => "SYNTAX_INVALID",
            Code::DocumentInvalid => "DOCUMENT_INVALID",
            Code::DocumentTooLarge => "DOCUMENT_TOO_LARGE",
            Code::DocumentTooComplex => "DOCUMENT_TOO_COMPLEX",
            Code::CostTooHigh => "COST_TOO_HIGH",
            Code::BudgetExhausted => "BUDGET_EXHAUSTED",
            Code::AnswerTooLarge => "ANSWER_TOO_LARGE",
            Code::VariablesInvalid => "VARIABLES_INVALID",
            Code::OperationUnknown => "OPERATION_UNKNOWN",
            Code::BodyInvalid => "BODY_INVALID",
            Code::BodyTooLarge => "BODY_TOO_LARGE",
            Code::BatchNotAllowed => "BATCH_NOT_ALLOWED",
            Code::PersistedQueryNotFound => "PERSISTED_QUERY_NOT_FOUND",
            Code::PersistedQueryNotSupported => "PERSISTED_QUERY_NOT_SUPPORTED",
            Code::MediaTypeNotSupported => "MEDIA_TYPE_NOT_SUPPORTED",
            Code::MethodNotAllowed => "METHOD_NOT_ALLOWED",
            Code::TooManyStreams => "TOO_MANY_STREAMS",
            Code::TimedOut => "TIMED_OUT",
            Code::IndexBuilding => "INDEX_BUILDING",
            Code::Unavailable => "UNAVAILABLE",
            Code::Internal => "INTERNAL",
        }
    }
}

/// A refusal, on the path of the field that it is about.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub struct ApiError {
    pub code: Code,
    pub message: String,
    /// Response keys from the root. Arguments are checked before any row is read, so there are no list indices in it.
    pub path: Vec<String>,
    /// Place in the list at the end of the path, where one value of a root field fails and the others do not.
    pub index: Option<usize>,
    pub pos: Option<Pos>,
    /// What whoever asks would have to be allowed to.
    pub scope: Option<Scope>,
    /// Goes to the log; the caller never sees it.
    #[source]
    pub cause: Option<Arc<DbErr>>,
}

impl ApiError {
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        ApiError {
            code,
            message: message.into(),
            path: Vec::new(),
            index: None,
            pos: None,
            scope: None,
            cause: None,
        }
    }

    pub fn filter(message: impl Into<String>) -> Self {
        ApiError::new(Code::FilterInvalid, message)
    }

    pub fn value(message: impl Into<String>) -> Self {
        ApiError::new(Code::ValueInvalid, message)
    }

    /// The error one level further out: `key` is the response key of the field that holds it.
    #[must_use]
    pub fn below(mut self, key: &str) -> Self {
        self.path.insert(0, key.to_owned());
        self
    }

    /// The error of one value of a list.
    #[must_use]
    pub fn at_index(self, index: usize) -> Self {
        ApiError { index: Some(index), ..self }
    }

    /// The error at a place of the document, unless a deeper place is known.
    #[must_use]
    pub fn at(mut self, pos: Pos) -> Self {
        self.pos.get_or_insert(pos);
        self
    }

    /// As async-graphql carries it. The cause rides along for the log of the HTTP handler.
    pub fn into_server_error(self) -> ServerError {
        let mut extensions = ErrorExtensionValues::default();
        extensions.set("code", self.code.as_str());
        if let Some(scope) = self.scope {
            extensions.set("scope", scope.as_str());
        }
        let mut error = ServerError::new(self.message, self.pos);
        let index = self.index.map(PathSegment::Index);
        error.path = self.path.into_iter().map(PathSegment::Field).chain(index).collect();
        error.extensions = Some(extensions);
        error.source = self.cause.map(|cause| cause as Arc<dyn std::any::Any + Send + Sync>);
        error
    }
}

impl From<Denied> for ApiError {
    fn from(denied: Denied) -> Self {
        let code = match denied {
            Denied::Unknown(_) => Code::Unauthenticated,
            Denied::Lacks(_) => Code::Forbidden,
        };
        ApiError { scope: Some(denied.scope()), ..ApiError::new(code, denied.to_string()) }
    }
}

impl From<Arc<DbErr>> for ApiError {
    fn from(cause: Arc<DbErr>) -> Self {
        if matches!(*cause, DbErr::ConnectionAcquire(_)) {
            let message = "all connections to the database are in use; try again in a moment";
            return ApiError::new(Code::Unavailable, message);
        }
        ApiError { cause: Some(cause), ..ApiError::new(Code::Internal, "internal error") }
    }
}

impl From<DbErr> for ApiError {
    fn from(cause: DbErr) -> Self {
        Arc::new(cause).into()
    }
}
