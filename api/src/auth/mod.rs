//! Who calls, what they may and may spend, and the proofs that writing asks for. How a caller says who they are is left to
//! the server, and what a field asks of them to whoever answers it.
mod budget;
mod key;
mod known;
mod scope;
mod secret;

use std::sync::Arc;

pub use self::{
    budget::{Budget, Budgets, Left, Network, Unspent, WINDOW_SECONDS},
    key::{Key, KeyError, Listed, NewKey, create, list, revoke},
    known::{Keys, Unproven},
    scope::{Denied, Scope, Scopes},
    secret::Secret,
};

/// Who calls. Clones are the same caller.
#[derive(Clone, Debug)]
pub struct Caller(Arc<Who>);

#[derive(Debug)]
struct Who {
    actor: Actor,
    scopes: Scopes,
    key: Option<Key>,
    budget: Arc<Budget>,
}

/// Who writes or asks, as the change log keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    pub kind: ActorKind,
    /// Of the key, or of the part of the program.
    pub name: String,
    /// Public id of the key that was shown.
    pub key: Option<String>,
    /// Public id of the organization that the key belongs to: what it writes is its word.
    pub organization: Option<String>,
}

/// How somebody came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActorKind {
    /// Without proof of who they are.
    Anonymous,
    /// By an API key.
    Key,
    /// The program itself: the first load, a command.
    System,
}

impl ActorKind {
    /// The value of the enum `ActorKind`.
    pub fn as_str(self) -> &'static str {
        match self {
            ActorKind::Anonymous => "ANONYMOUS",
            ActorKind::Key => "KEY",
            ActorKind::System => "SYSTEM",
        }
    }
}

impl Caller {
    /// Somebody of whom no more is known, and whose spending nobody counts.
    pub fn new(actor: Actor, scopes: Scopes) -> Caller {
        let budget = Arc::new(Budget::unbounded());
        Caller(Arc::new(Who { actor, scopes, key: None, budget }))
    }

    /// Somebody without a key, who may spend this.
    pub fn anonymous(budget: Arc<Budget>) -> Caller {
        let actor = Actor {
            kind: ActorKind::Anonymous,
            name: String::new(),
            key: None,
            organization: None,
        };
        Caller(Arc::new(Who { actor, scopes: Scopes::default(), key: None, budget }))
    }

    /// Who has the secret of a key, which belongs to the organization of this public id.
    pub fn of_key(budget: Arc<Budget>, key: Key, organization: String) -> Caller {
        let actor = Actor {
            kind: ActorKind::Key,
            name: key.name.clone(),
            key: Some(key.public_id.clone()),
            organization: Some(organization),
        };
        Caller(Arc::new(Who { actor, scopes: key.scopes, key: Some(key), budget }))
    }

    pub fn actor(&self) -> &Actor {
        &self.0.actor
    }

    pub fn scopes(&self) -> Scopes {
        self.0.scopes
    }

    /// The key in use, as it was when it was last read.
    pub fn key(&self) -> Option<&Key> {
        self.0.key.as_ref()
    }

    pub fn budget(&self) -> &Budget {
        &self.0.budget
    }

    /// Whether they may do what the scope allows.
    pub fn may(&self, scope: Scope) -> Result<(), Denied> {
        match (self.0.scopes.contains(scope), self.0.actor.kind) {
            (true, _) => Ok(()),
            (false, ActorKind::Anonymous) => Err(Denied::Unknown(scope)),
            (false, _) => Err(Denied::Lacks(scope)),
        }
    }

    /// The proof that they may redact.
    pub fn redactor(&self) -> Result<Redactor, Denied> {
        self.may(Scope::Admin)?;
        Ok(Redactor { writer: Writer { actor: self.0.actor.clone(), decides: true } })
    }

    /// The proof that they may write.
    pub fn writer(&self) -> Result<Writer, Denied> {
        self.may(Scope::Write)?;
        let decides = self.0.scopes.contains(Scope::Publish);
        Ok(Writer { actor: self.0.actor.clone(), decides })
    }
}

/// The proof that somebody may take out of the log what must not be there.
#[derive(Clone, Debug)]
pub struct Redactor {
    writer: Writer,
}

impl Redactor {
    /// What they write with: their word stands.
    pub fn writer(&self) -> &Writer {
        &self.writer
    }
}

/// Somebody without a key whose spending nobody counts.
impl Default for Caller {
    fn default() -> Self {
        Caller::anonymous(Arc::new(Budget::unbounded()))
    }
}

/// The proof that somebody may write; nothing is written without one.
#[derive(Clone, Debug)]
pub struct Writer {
    actor: Actor,
    decides: bool,
}

impl Writer {
    /// The program itself, whose word stands.
    pub fn system(name: &str) -> Writer {
        let name = name.to_owned();
        let actor = Actor { kind: ActorKind::System, name, key: None, organization: None };
        Writer { actor, decides: true }
    }

    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// Whether they decide between what others say, instead of saying only their own.
    pub fn decides(&self) -> bool {
        self.decides
    }
}
