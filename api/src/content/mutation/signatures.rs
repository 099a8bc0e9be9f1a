//! The mutations that there are: names, types, descriptions and arguments.
use super::types::{capital, leak};
use crate::record::def::{Argument, Def};

const CHANGE: Argument =
    Argument::new("change", "ChangeInput", "Comment, and what to do with contradictions.");
const ID: Argument = Argument::new(
    "id",
    "ID!",
    "The record that is meant; one that was made one with another is gone.",
);
const SEEN: Argument = Argument::new("expectedVersion", "Int!", "Version that the caller saw.");

/// Name, type, description and arguments of each mutation.
pub(super) type Signature = (&'static str, &'static str, &'static str, Vec<Argument>);

/// The mutations that there are for a type.
pub(super) fn of_type(def: &'static Def) -> Vec<(Kind, Signature)> {
    if !def.is_described() {
        return Vec::new();
    }
    let Def { name, many, .. } = def;
    let words = capital(many);
    let input =
        |verb: &str, about| Argument::new("input", leak(format!("{verb}{name}Input!")), about);
    let needs = "Needs the scope `WRITE`.";
    vec![
        (
            Kind::Create(def),
            (
                leak(format!("create{name}")),
                leak(format!("Create{name}Payload!")),
                leak(format!("Adds a record of the type `{name}`. {needs}")),
                vec![input("Create", "The record."), CHANGE],
            ),
        ),
        (
            Kind::Update(def),
            (
                leak(format!("update{name}")),
                leak(format!("Update{name}Payload!")),
                leak(format!("Changes a record of the type `{name}`. {needs}")),
                vec![ID, SEEN, input("Update", "What changes."), CHANGE],
            ),
        ),
        (
            Kind::Delete(def),
            (
                leak(format!("delete{name}")),
                "DeleteRecordPayload!",
                leak(format!(
                    "Deletes a record of the type `{name}`. {needs} What others have a part in needs `PUBLISH`."
                )),
                vec![
                    ID,
                    SEEN,
                    Argument::new(
                        "policy",
                        "DeletePolicy!",
                        "What to do with records that point to it.",
                    )
                    .with_default("REFUSE"),
                    CHANGE,
                ],
            ),
        ),
        (
            Kind::Merge(def),
            (
                leak(format!("merge{words}")),
                leak(format!("Merge{words}Payload!")),
                leak(format!(
                    "Makes two records of the type `{name}` one: what is known of the one that goes, and all that leads to it, goes to the other. Needs the scopes `WRITE` and `PUBLISH`."
                )),
                vec![
                    Argument::new("id", "ID!", "The record that stays."),
                    Argument::new("expectedVersion", "Int!", "Version of it that the caller saw."),
                    Argument::new(
                        "from",
                        "ID!",
                        "The record that goes; its id and slugs lead to the other from then on.",
                    ),
                    Argument::new("fromVersion", "Int!", "Version of it that the caller saw."),
                    CHANGE,
                ],
            ),
        ),
    ]
}

/// What a mutation does.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Create(&'static Def),
    Update(&'static Def),
    Delete(&'static Def),
    Merge(&'static Def),
    Apply,
    Restore,
    Redact,
}

/// The mutations that are not of one type.
pub(super) fn of_all() -> Vec<(Kind, Signature)> {
    let payload = |name: &str| leak(format!("{name}Payload!"));
    vec![
        (
            Kind::Apply,
            (
                "applyChangeset",
                payload("ApplyChangeset"),
                "Applies operations on any records, all or nothing. Needs the scope `WRITE`.",
                vec![Argument::new("input", "ChangesetInput!", "The operations.")],
            ),
        ),
        (
            Kind::Restore,
            (
                "restoreRecord",
                payload("RestoreRecord"),
                "Brings back an earlier version of a record, as a new one. Needs the scope `WRITE`; what others have said since needs `PUBLISH`.",
                vec![ID, SEEN, Argument::new("version", "Int!", "Version to go back to."), CHANGE],
            ),
        ),
        (
            Kind::Redact,
            (
                "redactRecord",
                payload("RedactRecord"),
                "Takes a value out of a record that is there or gone, and out of all that the change log and kept answers say of it, for ever: with a field the claims about it, with a claim's value what its subject has shown of it, with names the slugs that were made of them, with a quote its place. What was copied elsewhere (comments of changes, other records, backups) is not looked for. The positions of the log stay, and the redaction is an entry of its own. Needs the scope `ADMIN`.",
                vec![
                    ID,
                    SEEN,
                    Argument::new(
                        "field",
                        "String!",
                        "Field of `Change.data` that is blanked, in all versions.",
                    ),
                    CHANGE,
                ],
            ),
        ),
    ]
}
