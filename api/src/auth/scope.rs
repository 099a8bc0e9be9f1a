//! What somebody may.
use std::fmt;

/// What a key allows. None includes another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Read, where that is not open to all, and who wrote what.
    Read,
    /// Write: in one's own name.
    Write,
    /// Decide between what others say: overwrite, rank, merge, delete.
    Publish,
    /// Take out of the log what must not be there.
    Admin,
}

impl Scope {
    /// All of them, in the order of the enum `Scope`.
    pub const ALL: [Scope; 4] = [Scope::Read, Scope::Write, Scope::Publish, Scope::Admin];

    /// The value of the enum `Scope`.
    pub fn as_str(self) -> &'static str {
        match self {
            Scope::Read => "READ",
            Scope::Write => "WRITE",
            Scope::Publish => "PUBLISH",
            Scope::Admin => "ADMIN",
        }
    }

    /// The scope of a name, in whatever case.
    pub fn parse(name: &str) -> Option<Scope> {
        Scope::ALL.into_iter().find(|scope| scope.as_str().eq_ignore_ascii_case(name))
    }

    fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// A set of scopes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scopes(u8);

impl Scopes {
    /// As they are kept: names with blanks between them. What is no name allows nothing.
    pub fn parse(text: &str) -> Scopes {
        text.split_whitespace().filter_map(Scope::parse).collect()
    }

    pub fn contains(self, scope: Scope) -> bool {
        self.0 & scope.bit() != 0
    }

    pub fn iter(self) -> impl Iterator<Item = Scope> {
        Scope::ALL.into_iter().filter(move |scope| self.contains(*scope))
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.iter().map(Scope::as_str).collect();
        f.write_str(&names.join(" "))
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Scopes(scopes.into_iter().fold(0, |all, scope| all | scope.bit()))
    }
}

/// Why somebody may not do what they ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// They have not said who they are.
    #[error(
        "this needs an API key with the scope `{}`: send it as `Authorization: Bearer`",
        .0.as_str()
    )]
    Unknown(Scope),
    #[error("this needs the scope `{}`, which your API key does not have", .0.as_str())]
    Lacks(Scope),
}

impl Denied {
    /// What is missing.
    pub fn scope(self) -> Scope {
        match self {
            Denied::Unknown(scope) | Denied::Lacks(scope) => scope,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_has_what_was_put_into_it() {
        let scopes: Scopes = [Scope::Publish, Scope::Read].into_iter().collect();

        assert_eq!(scopes.iter().collect::<Vec<_>>(), [Scope::Read, Scope::Publish]);
        assert_eq!(scopes.to_string(), "READ PUBLISH");
        assert_eq!(Scopes::parse(" publish  READ none"), scopes);
    }
}
