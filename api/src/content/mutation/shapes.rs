//! Inputs and values of mutations that are of no record type, with their limits and what they cost.
use crate::record::{
    price::WRITE,
    shape::{EnumType, InputShape},
};

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
        (
            "CASCADE",
            "What needs it goes too; what may be without it loses it. At most 10,000 records are changed with it.",
        ),
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
