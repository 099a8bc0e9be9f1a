//! Inputs and payloads of mutations, made of the definitions: a record type more costs nothing here.
use super::shapes::{INPUTS, MOST_OPERATIONS};
use crate::record::{
    def::{Def, Field},
    object::{ObjectField, ObjectShape},
    price::{Count, Price, WRITE},
    shape::InputShape,
    write::Store,
};

/// A field of an input: name, type, description.
type InputField = (&'static str, &'static str, &'static str);

pub(super) fn leak(text: String) -> &'static str {
    text.leak()
}

/// `cities` as a part of names: `Cities`.
pub(super) fn capital(name: &str) -> String {
    let mut chars = name.chars();
    chars
        .next()
        .map(|first| first.to_ascii_uppercase().to_string() + chars.as_str())
        .unwrap_or_default()
}

/// The type in which a field is written, without whether it must be there; `None` for one that is not written.
pub(super) fn written_type(def: &Def, field: &Field, name: &str) -> Option<&'static str> {
    let shown = field.ty.trim_end_matches('!');
    Some(match field.store.as_ref()? {
        Store::One { .. } => "RecordRef",
        Store::Choice(_, of) => of.name,
        Store::Parts { def, .. } => leak(format!("[{}Input!]", def().name)),
        Store::Scalar(_) => leak(shown.to_owned()),
        Store::Value { .. } => match shown {
            // A list of texts, each with its wordings.
            "[Text!]" if def.words.iter().any(|it| it.field == name && it.is_list) => {
                "[[TextInput!]!]"
            }
            "Text" | "[Text!]" => "[TextInput!]",
            "FuzzyDate" => "EDTF",
            "[FuzzyDate!]" => "[EDTF!]",
            "[Identifier!]" => "[IdentifierInput!]",
            "[AlternateName!]" => "[AlternateNameInput!]",
            "GeoCoordinates" | "Money" | "TextSpan" | "ClaimValue" => leak(format!("{shown}Input")),
            _ => leak(shown.to_owned()),
        },
    })
}

/// What mutations are made of, for all record types.
pub(super) struct Made {
    pub(super) inputs: Vec<InputShape>,
    pub(super) objects: Vec<ObjectShape>,
}

impl Made {
    /// The inputs and payloads of these types.
    pub(super) fn of(defs: &[&'static Def]) -> Made {
        let mut made = Made { inputs: INPUTS.into(), objects: Vec::new() };
        let mut new: Vec<InputField> = Vec::new();
        let mut changes: Vec<InputField> = Vec::new();
        let mut parts: Vec<&'static Def> = Vec::new();
        for def in defs {
            let one = def.one;
            let create = leak(format!("Create{}Input", def.name));
            let update = leak(format!("Update{}Input", def.name));
            made.inputs.push(input(
                create,
                format!("A new record: {}.", lower(def.about)),
                fields(def, true),
            ));
            let about = "Changes of a record: an absent field stays, null clears. Of texts, languages that are not listed stay.";
            made.inputs.push(input(update, about.to_owned(), fields(def, false)));
            new.push((one, create, def.about));
            changes.push((one, update, def.about));
            parts.extend(def.parts().map(|(_, part, _)| part));
            if def.is_described() {
                made.payloads(def);
            }
        }
        parts.sort_by_key(|part| part.name);
        parts.dedup_by_key(|part| part.name);
        for part in parts {
            let name = leak(format!("{}Input", part.name));
            let of_part = part.fields.iter().filter_map(|(name, field)| {
                let ty = written_type(part, field, name)?;
                let must = if part.is_required(field) { "!" } else { "" };
                Some((*name, leak(format!("{ty}{must}")), field.about))
            });
            made.inputs.push(input(name, part.about.to_owned(), of_part.collect()));
        }
        let about = "A new record: exactly one field.";
        made.inputs.push(InputShape::one_of("NewRecordInput", about, new.leak()));
        let about = "Changes of a record: exactly one field, of its type.";
        made.inputs.push(InputShape::one_of("RecordChangesInput", about, changes.leak()));
        made.inputs.push(InputShape::new(
            "CreateOperationInput",
            "Adds a record.",
            &[
                (
                    "key",
                    "String",
                    "Client key by which other operations refer to it; unique in the changeset.",
                ),
                ("record", "NewRecordInput!", "Its type and its fields."),
            ],
        ).costing(WRITE));
        made.inputs.push(
            InputShape::new(
                "UpdateOperationInput",
                "Changes a record.",
                &[
                    ("record", "RecordRef!", "The one that changes."),
                    ("expectedVersion", "Int!", "Version that the caller saw."),
                    ("changes", "RecordChangesInput!", "What changes."),
                ],
            )
            .costing(WRITE),
        );
        made.shared_objects();
        made
    }

    fn payloads(&mut self, def: &'static Def) {
        for (name, what) in [
            (format!("Create{}", def.name), "made"),
            (format!("Update{}", def.name), "changed"),
            (format!("Merge{}", capital(def.many)), "it stayed"),
        ] {
            let about = leak(format!("The record as {what}; null when refused."));
            self.payload(&name, vec![ObjectField::new(def.one, def.name, about)]);
        }
    }

    fn payload(&mut self, mutation: &str, own: Vec<ObjectField>) {
        let mut fields = own;
        fields.extend([
            ObjectField::new(
                "changeset",
                "Changeset",
                "The changeset, with its position in the change log; null when refused, or nothing was to be changed.",
            ),
            ObjectField::new(
                "userErrors",
                "[UserError!]!",
                "All mistakes; empty when it was taken. Nothing is written when there is one. At most 100, and then one that says how many more there are.",
            ),
        ]);
        self.objects.push(ObjectShape {
            name: leak(format!("{mutation}Payload")),
            about: leak(format!("What became of `{}`.", camel_of(mutation))),
            fields: fields.leak(),
        });
    }

    fn shared_objects(&mut self) {
        let id =
            ObjectField::new("deletedId", "ID", "Id of the deleted record; null when refused.");
        self.payload("DeleteRecord", vec![id]);
        let record =
            || ObjectField::new("record", "Record", "The record as it is then; null when refused.");
        self.payload("RestoreRecord", vec![record()]);
        self.payload("RedactRecord", vec![record()]);
        let records = ObjectField::list(
            "records",
            "[KeyedRecord!]!",
            "Records made under client keys, in the order of the operations; empty when refused. At most 1,000.",
            // What the id of each leads to is read before the record is.
            Price {
                rows: 1,
                count: Count::Written { list: "operations", most: MOST_OPERATIONS as u64 },
            },
        );
        self.payload("ApplyChangeset", vec![records]);
        self.objects.push(ObjectShape {
            name: "KeyedRecord",
            about: "A record made under a client key.",
            fields: const {
                &[
                    ObjectField::new("key", "String!", "Client key that the operation gave."),
                    ObjectField::new("id", "ID!", "The record's id from now on."),
                    ObjectField::new("record", "Record", "What was made, as it is now."),
                ]
            },
        });
        self.objects.push(ObjectShape {
            name: "UserError",
            about: "A mistake in the input of a mutation.",
            fields: const {
                &[
                    ObjectField::new("code", "UserErrorCode!", "What kind, for programs."),
                    ObjectField::new(
                        "path",
                        "[String!]!",
                        "Way to the value in the arguments, e.g. `[\"input\", \"names\", \"0\", \"lang\"]`. At most 20.",
                    ),
                    ObjectField::new("message", "String!", "What is wrong and what to do, for people, in English."),
                    ObjectField::new(
                        "conflict",
                        "FieldConflict",
                        "With `STALE_VERSION`: the field at the end of the path, as it was and is; else null.",
                    ),
                ]
            },
        });
        self.objects.push(ObjectShape {
            name: "FieldConflict",
            about: "A field that has changed since the caller saw it, in the form of `Change.data`.",
            fields: const {
                &[
                    ObjectField::new("base", "JSON", "Value that the caller saw; null for none."),
                    ObjectField::new("current", "JSON", "Value now; null for none."),
                    ObjectField::new("proposed", "JSON", "Value that the caller sets; null for none."),
                ]
            },
        });
    }
}

fn camel_of(mutation: &str) -> String {
    let mut chars = mutation.chars();
    chars
        .next()
        .map(|first| first.to_ascii_lowercase().to_string() + chars.as_str())
        .unwrap_or_default()
}

fn lower(about: &str) -> String {
    let about = about.split_once('.').map_or(about, |(first, _)| first);
    camel_of(about)
}

fn input(name: &'static str, about: String, fields: Vec<InputField>) -> InputShape {
    InputShape::new(name, leak(about), fields.leak())
}

/// What can be written of a record.
fn fields(def: &'static Def, is_new: bool) -> Vec<InputField> {
    let mut fields = Vec::new();
    for (name, field) in &def.fields {
        let Some(ty) = written_type(def, field, name) else { continue };
        // A stored text never changes: offsets hold for it, and its hash names it.
        if !is_new && (def.full_texts.contains(name) || *name == "sha256") {
            continue;
        }
        // It follows from others where it is absent.
        let follows = matches!(*name, "slug" | "sha256");
        let must = if is_new && def.is_required(field) && !follows { "!" } else { "" };
        let about = match *name {
            "slug" => {
                "ASCII name for addresses, unique in its type; made from the name when a new record has none. Old ones still find the record."
            }
            _ => field.about,
        };
        fields.push((*name, leak(format!("{ty}{must}")), about));
    }
    let about = "Sources of all that is given here; at most 20. Values that claims can be about become claims with these sources, else the record has them.";
    fields.push(("citations", "[CitationInput!]", about));
    if !def.claimed.is_empty() {
        let about = "Rank of the claims that cited values become; `NORMAL` when absent.";
        fields.push(("claimRank", "Rank", about));
    }
    if def.is_described() && is_new {
        fields.push(("links", "[NewLinkInput!]", "Links that start at it; at most 100."));
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_put_together() {
        assert_eq!(capital("cities"), "Cities");
        assert_eq!(camel_of("MergeCities"), "mergeCities");
    }
}
