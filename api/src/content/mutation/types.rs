//! Inputs and payloads of mutations, made of the definitions: a record type more costs nothing here.
use crate::record::{
    def::{Argument, Def, Field},
    object::{ObjectField, ObjectShape},
    price::WRITE,
    shape::{EnumType, InputShape},
    write::Store,
};

/// A field of an input: name, type, description.
type InputField = (&'static str, &'static str, &'static str);

/// A changeset has at most so many operations; a record so many citations at once, and so many links when it is made.
pub(super) const MOST_OPERATIONS: usize = 1_000;
pub(super) const MOST_CITATIONS: usize = 20;
pub(super) const MOST_LINKS: usize = 100;

/// What a citation costs: a short record; beside it a document that is looked up, and may be made; or words that are looked for
/// in a stored text, with a passage that may be made for them.
const CITE: u64 = 5;
const FIND: u64 = 5;
const QUOTE: u64 = 15;

pub static USER_ERROR_CODE: EnumType = EnumType {
    name: "UserErrorCode",
    about: "Kinds of mistakes.",
    values: &[
        ("REQUIRED", "A value is missing."),
        ("FORMAT_INVALID", "Not in the form that is asked for, or no field of the record."),
        ("NOT_FOUND", "A reference leads nowhere, or to a record of another type."),
        ("TAKEN", "An identifier, slug or other unique value belongs to another record."),
        ("QUOTE_MISMATCH", "A quote is not in the text, or more than once."),
        ("OVERLAP", "Two periods overlap that must not."),
        (
            "STALE_VERSION",
            "The record has changed since `expectedVersion`; `conflict` is one field that differs.",
        ),
        ("IN_USE", "Other records still point to it; the message names the first."),
        (
            "CONTRADICTION",
            "The value stands against what others have said, and `onConflict` forbids to keep both.",
        ),
        ("FORBIDDEN", "It is another's word: to change it needs the scope `PUBLISH`."),
        ("TOO_MANY", "More than one changeset takes."),
    ],
};

pub static CONFLICT_POLICY: EnumType = EnumType {
    name: "ConflictPolicy",
    about: "What to do where a new value stands against a cited one, or against another's word.",
    values: &[
        ("KEEP_BOTH", "Keep both as claims, to be ranked."),
        (
            "REPLACE",
            "The new one takes its place. Needs the scope `PUBLISH` where it is another's word.",
        ),
        ("REFUSE", "Refuse the changeset."),
    ],
};

pub static DELETE_POLICY: EnumType = EnumType {
    name: "DeletePolicy",
    about: "What to do with records that point to a deleted one. Links, claims, citations and mentions that are about it always go along.",
    values: &[
        ("REFUSE", "Refuse, and name them."),
        ("CASCADE", "What needs it goes too; what may be without it loses it."),
    ],
};

/// Inputs that are not of one record type.
pub(super) const INPUTS: [InputShape; 22] = [
    InputShape::one_of(
        "RecordRef",
        "A record: exactly one field.",
        &[
            ("id", "ID", "By id, also of a record that was merged into it."),
            ("identifier", "IdentifierKey", "By identifier elsewhere."),
            ("key", "String", "By client key, of a record made in the same changeset."),
        ],
    ),
    InputShape::new(
        "TextInput",
        "A text in one language.",
        &[
            ("lang", "Lang!", "Its language; `und` when not known."),
            ("value", "String", "The text, brought to NFC; null takes this language away."),
            ("origin", "TextOrigin", "Where the wording comes from; `ORIGINAL` when absent."),
        ],
    ),
    InputShape::new(
        "AlternateNameInput",
        "Another name of a record.",
        &[
            ("value", "String!", "The name, brought to NFC."),
            ("lang", "Lang!", "Its language; `und` when not known."),
            (
                "document",
                "RecordRef",
                "The one document in which it stands for the record; everywhere when absent.",
            ),
        ],
    ),
    InputShape::new(
        "IdentifierInput",
        "An identifier in another system.",
        &[
            ("scheme", "String!", "Scheme, e.g. `GEONAMES`: capitals, digits and `_`."),
            ("value", "String!", "Value; unique in the scheme."),
            ("exactness", "Exactness", "Whether it means the same thing; `EXACT` when absent."),
        ],
    ),
    InputShape::new(
        "GeoCoordinatesInput",
        "A point on the earth, WGS 84.",
        &[
            ("latitude", "Float!", "Degrees, -90 to 90."),
            ("longitude", "Float!", "Degrees, -180 to 180."),
        ],
    ),
    InputShape::new(
        "MoneyInput",
        "An amount of money.",
        &[
            ("amount", "Decimal!", "Exact amount in units of the currency."),
            ("currency", "String!", "ISO 4217 code."),
            ("asOfYear", "Int", "Year whose prices are meant."),
        ],
    ),
    InputShape::new(
        "TextSpanInput",
        "A stretch of a stored text, half-open.",
        &[
            ("charStart", "Int!", "First character, in Unicode code points from 0."),
            ("charEnd", "Int!", "After the last character."),
            ("byteStart", "Int!", "First byte of UTF-8, from 0."),
            ("byteEnd", "Int!", "After the last byte."),
        ],
    ),
    InputShape::new(
        "QuantityInput",
        "A number with its unit.",
        &[
            ("amount", "Decimal!", "Exact number."),
            ("unit", "String", "UCUM code; none for plain counts."),
        ],
    ),
    InputShape::one_of(
        "ClaimValueInput",
        "Value of a claim: exactly one field, as its property asks.",
        &[
            ("record", "RecordRef", "A record, a term included."),
            ("text", "[TextInput!]", "A text, one wording a language."),
            ("string", "String", "Characters without a language."),
            ("quantity", "QuantityInput", "A number with its unit."),
            ("date", "EDTF", "A date as the source has it."),
            ("geo", "GeoCoordinatesInput", "A point."),
            ("boolean", "Boolean", "Yes or no."),
            ("identifier", "IdentifierInput", "What another system calls it."),
            ("absence", "Absence", "Knowledge that there is no value."),
        ],
    ),
    InputShape::new(
        "CitationInput",
        "A source.",
        &[
            ("source", "SourceInput!", "Where it stands."),
            ("note", "[TextInput!]", "Remark, one wording a language."),
        ],
    )
    .costing(CITE),
    InputShape::one_of(
        "SourceInput",
        "Where a citation stands: exactly one field.",
        &[
            ("quote", "QuoteInput", "Exact words of a stored text."),
            ("place", "SourcePlaceInput", "A place in a document without stored text."),
            (
                "address",
                "SourceAddressInput",
                "A page on the web; a document is made of it if there is none.",
            ),
        ],
    ),
    InputShape::new(
        "QuoteInput",
        "Exact words of a stored text.",
        &[
            ("documentVersion", "RecordRef!", "The stored text."),
            (
                "quote",
                "String!",
                "The words, at most 300 characters; found in the text, or refused.",
            ),
            (
                "charStart",
                "Int",
                "Where they begin, in Unicode code points from 0; required where they stand more than once.",
            ),
        ],
    )
    .costing(QUOTE),
    InputShape::new(
        "SourcePlaceInput",
        "A place in a document without stored text.",
        &[
            ("document", "RecordRef!", "The document that it is a place in."),
            ("locator", "String", "Page, table row and so on."),
            (
                "excerpt",
                "String",
                "Words copied by hand, at most 300 characters. Where a text of the document is stored, they stand there once, or are refused.",
            ),
        ],
    )
    .costing(FIND),
    InputShape::new(
        "SourceAddressInput",
        "A page on the web.",
        &[
            ("url", "URL!", "Its address; the document that has it is cited."),
            ("name", "String", "Its title, where a document is made; the address when absent."),
            ("inLanguage", "Lang", "Its language, where a document is made; `und` when absent."),
            (
                "excerpt",
                "String",
                "Words copied by hand, at most 300 characters. Where a text of the document is stored, they stand there once, or are refused.",
            ),
        ],
    )
    .costing(FIND),
    InputShape::new(
        "NewLinkInput",
        "A link from a record that is known.",
        &[
            ("relation", "LinkRelation!", "What it says; must fit both ends."),
            ("to", "RecordRef!", "Where it ends."),
            ("startDate", "EDTF", "From when it holds."),
            ("endDate", "EDTF", "Until when it holds."),
            ("qualifiers", "[QualifierInput!]", "Further conditions; at most 20."),
            ("modality", "Modality", "`STATED` when absent."),
            ("rank", "Rank", "`NORMAL` when absent."),
            ("assertedBy", "RecordRef", "Who says so; the key's organization when absent."),
            ("citations", "[CitationInput!]", "Sources of it; at most 20."),
        ],
    )
    .costing(WRITE),
    InputShape::new(
        "ChangeInput",
        "How a change is made.",
        &[
            ("comment", "String", "Why; at most 1,000 characters."),
            (
                "onConflict",
                "ConflictPolicy",
                "What to do with contradictions; `KEEP_BOTH` when absent.",
            ),
        ],
    ),
    InputShape::new(
        "ChangesetInput",
        "Operations that are applied together.",
        &[
            ("operations", "[OperationInput!]!", "1 to 1,000; each record has one at most."),
            ("change", "ChangeInput", "How; as its defaults when absent."),
        ],
    ),
    InputShape::one_of(
        "OperationInput",
        "One operation: exactly one field.",
        &[
            ("create", "CreateOperationInput", "Adds a record."),
            ("update", "UpdateOperationInput", "Changes a record."),
            ("delete", "DeleteOperationInput", "Deletes a record."),
            ("merge", "MergeOperationInput", "Makes two records one."),
            ("link", "LinkOperationInput", "Adds a link."),
            ("unlink", "DeleteOperationInput", "Deletes a link."),
            ("cite", "CiteOperationInput", "Adds citations."),
        ],
    ),
    InputShape::new(
        "DeleteOperationInput",
        "Deletes a record.",
        &[
            ("record", "RecordRef!", "The one that goes."),
            ("expectedVersion", "Int!", "Version that the caller saw."),
            (
                "policy",
                "DeletePolicy",
                "What to do with records that point to it; `REFUSE` when absent.",
            ),
        ],
    )
    .costing(WRITE),
    InputShape::new(
        "MergeOperationInput",
        "Makes two records of one thing one.",
        &[
            ("into", "RecordRef!", "The record that stays."),
            ("expectedVersion", "Int!", "Version of it that the caller saw."),
            ("from", "RecordRef!", "The record that goes; of the same type."),
            ("fromVersion", "Int!", "Version of it that the caller saw."),
        ],
    )
    .costing(WRITE),
    InputShape::new(
        "LinkOperationInput",
        "Adds a link.",
        &[
            ("key", "String", "Client key of the link; unique in the changeset."),
            ("from", "RecordRef!", "Where it starts."),
            ("link", "NewLinkInput!", "What it says and where it ends."),
        ],
    ),
    InputShape::new(
        "CiteOperationInput",
        "Adds citations to a record.",
        &[
            ("subject", "RecordRef!", "What they support."),
            ("citations", "[CitationInput!]!", "The citations; 1 to 20."),
        ],
    ),
];

const CHANGE: Argument =
    Argument::new("change", "ChangeInput", "Comment, and what to do with contradictions.");
const ID: Argument = Argument::new(
    "id",
    "ID!",
    "The record that is meant, by its id or one that was merged into it.",
);
const SEEN: Argument = Argument::new("expectedVersion", "Int!", "Version that the caller saw.");

fn leak(text: String) -> &'static str {
    text.leak()
}

/// `cities` as a part of names: `Cities`.
fn capital(name: &str) -> String {
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
                "All mistakes; empty when it was taken. Nothing is written when there is one. At most 100.",
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
            MOST_OPERATIONS as u64,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_put_together() {
        assert_eq!(capital("cities"), "Cities");
        assert_eq!(camel_of("MergeCities"), "mergeCities");
    }
}
