use std::fmt;

/// Why the data cannot be loaded. Each says where: the data are kept by hand, and whoever broke them mends them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
    /// A row or a document that does not have the shape of its file.
    #[error("{at}: {reason}")]
    Unreadable { at: Place, reason: String },
    /// A value that is readable and wrong.
    #[error("{at}: expected {expected}, found {found}")]
    Unexpected { at: Place, expected: String, found: String },
    /// A key, slug or identifier that two records have.
    #[error("{at}: {what} {value:?} is already that of {first}")]
    Twice { at: Place, what: &'static str, value: String, first: String },
}

impl LoadError {
    pub(super) fn unexpected(
        at: Place,
        expected: impl Into<String>,
        found: impl Into<String>,
    ) -> Self {
        Self::Unexpected { at, expected: expected.into(), found: found.into() }
    }

    /// The same for a foreign value, which is quoted so that blanks in it can be seen.
    pub(super) fn unknown(at: Place, expected: impl Into<String>, found: &str) -> Self {
        Self::unexpected(at, expected, format!("{found:?}"))
    }
}

/// Where in the data something stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// File, or group of records that no file has.
    pub file: &'static str,
    /// From 1, where the file has rows.
    pub line: Option<u64>,
    /// Statement, passage, term or record, where it has a name.
    pub item: Option<String>,
}

impl Place {
    pub(super) fn file(file: &'static str) -> Self {
        Self { file, line: None, item: None }
    }

    pub(super) fn line(file: &'static str, line: u64) -> Self {
        Self { file, line: Some(line), item: None }
    }

    pub(super) fn item(file: &'static str, item: impl Into<String>) -> Self {
        Self { file, line: None, item: Some(item.into()) }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.file)?;
        if let Some(line) = self.line {
            write!(f, ", line {line}")?;
        }
        if let Some(item) = &self.item {
            write!(f, ", {item}")?;
        }
        Ok(())
    }
}
