//! What records have in common: the four interfaces, and the lists that hang on every record of a kind.
use async_graphql::{Positioned, Value, parser::types::Field};

use super::{
    citation::Citation,
    claim::{CLAIM_PROPERTY, Claim},
    link::{LINK_RELATION, Link},
    mention::Mention,
    organization::Organization,
    person::Person,
};
use crate::{
    error::ApiError,
    record::{
        ask::{Ask, enum_name, items},
        def::{Argument, Record, Searched, def},
        define::Define,
        filter::FilterKind,
        pred::{Pred, Test},
        relation::{Abstract, LINK_MODALITY, Members, Scope},
        scalar,
        shape::EnumType,
        source::Source,
        write::{Cells, Mistake, Refs, Store, slug},
    },
};

pub static NODE: Abstract = Abstract {
    name: "Node",
    about: "Anything with an id.",
    members: Members::Implementing { extends: &[], fields: || vec!["id"] },
};

const RECORD_FIELDS: [&str; 7] =
    ["id", "identifiers", "version", "createdAt", "updatedAt", "history", "revision"];
const DESCRIBED_FIELDS: [&str; 13] = [
    "mentionedIn",
    "licenses",
    "name",
    "nameText",
    "names",
    "alternateNames",
    "description",
    "descriptionText",
    "descriptions",
    "slug",
    "claims",
    "citations",
    "links",
];
const CITABLE_FIELDS: [&str; 4] = ["citations", "modality", "assertedBy", "rank"];

pub static RECORD: Abstract = Abstract {
    name: "Record",
    about: "A node that the change log versions.",
    members: Members::Implementing { extends: &["Node"], fields: || RECORD_FIELDS.to_vec() },
};

pub static DESCRIBED: Abstract = Abstract {
    name: "Described",
    about: "A record that people name.",
    members: Members::Implementing {
        extends: &["Node", "Record"],
        fields: || RECORD_FIELDS.into_iter().chain(DESCRIBED_FIELDS).collect(),
    },
};

pub static CITABLE: Abstract = Abstract {
    name: "Citable",
    about: "A row that somebody asserts, with its sources.",
    members: Members::Implementing {
        extends: &["Node", "Record"],
        fields: || RECORD_FIELDS.into_iter().chain(CITABLE_FIELDS).collect(),
    },
};

pub static AGENT: Abstract = Abstract {
    name: "Agent",
    about: "Who acts or asserts.",
    members: Members::Listed(&[def::<Person>, def::<Organization>]),
};

pub static RANK: EnumType = EnumType {
    name: "Rank",
    about: "Standing among rows that contradict each other. The best is the preferred one, else the normal one, never a deprecated one.",
    values: &[
        ("PREFERRED", "Best supported."),
        ("NORMAL", "Neither preferred nor wrong."),
        ("DEPRECATED", "Known to be wrong, kept for the record."),
    ],
};

pub static MODALITY: EnumType = EnumType {
    name: "Modality",
    about: "How a row comes to be said.",
    values: &[
        ("STATED", "The source says it."),
        ("INFERRED", "Follows from what sources say; a note says how."),
        ("EDITORIAL", "Added by a named editor; no source says it."),
    ],
};

pub static LINK_DIRECTION: EnumType = EnumType {
    name: "LinkDirection",
    about: "Direction of links, seen from a record.",
    values: &[
        ("OUTGOING", "They start at it."),
        ("INCOMING", "They end at it."),
        ("BOTH", "Either way."),
    ],
};

impl<T: Record> Define<T> {
    /// What all records have.
    pub fn record(&mut self) {
        let id = self.named("public_id");
        let about = "Opaque, global, never changed, never used again. After a merge the old id answers with the record that stayed.";
        self.value("id", "ID!", &[id], scalar::string, about).filter(FilterKind::Id);
        // Not the public id, whose order means nothing.
        let number = crate::record::def::OrderOn::Column(self.named("id"));
        let about =
            "The order in which they were made, roughly; the cheapest one to walk all of them in.";
        self.order("ID", number, about);
        self.identifiers();
        let version = self.named("version");
        self.scalar("version", version, "Number of changes so far, from 1.").derived();
        for (name, column, about) in [
            ("createdAt", "created_at", "When it entered the base."),
            ("updatedAt", "updated_at", "When it last changed."),
        ] {
            let place = self.named(column);
            let order = crate::record::def::OrderOn::Column(place);
            let entry =
                self.value(name, "DateTime!", &[place], scalar::instant, about).order(order);
            if name == "updatedAt" {
                entry.filter(FilterKind::Instant(place));
            }
        }
        self.history();
    }

    /// A record that people name, which claims and links can be about.
    pub fn described(&mut self) {
        self.record();
        self.def().interfaces.push("Described");
        self.searched(Searched::NAMED);
        let slug = self.named("slug");
        let about = "ASCII name for addresses, unique in its type. Can change; old ones still find the record.";
        self.scalar("slug", slug, about)
            .filter()
            .stored_as(Store::Value { columns: vec![slug], write: write_slug });
        self.names();
        let by_name = self.named("sort_name");
        self.default_order(&[(by_name, false)]);
        self.list::<Claim>(
            "claims",
            child("subject_id"),
            "Values of its properties with their sources. Order: property, rank, oldest first.",
        )
        .filter()
        .scoped(
            &[
                Argument::new(
                    "property",
                    "[ClaimProperty!]",
                    "Only these properties; all when absent.",
                ),
                Argument::new("rank", "[Rank!]!", "Ranks to show.")
                    .with_default("[PREFERRED, NORMAL]"),
            ],
            claims_asked,
        );
        self.citations();
        self.list::<Link>(
            "links",
            Source::Where("{s}"),
            "Citable edges from or to this record. Order: relation, oldest first.",
        )
        .scoped(
            &[
                Argument::new(
                    "relation",
                    "[LinkRelation!]",
                    "Only these relations; all when absent.",
                ),
                Argument::new("direction", "LinkDirection!", "Seen from this record.")
                    .with_default("OUTGOING"),
                LINK_MODALITY,
            ],
            links_asked,
        );
        self.used();
    }

    /// Places in texts where it is named, and the licenses of its data.
    fn used(&mut self) {
        let about =
            "Places in stored texts where it is named. Order: document, then place in the text.";
        self.list::<Mention>("mentionedIn", child("named_id"), about);
        self.licenses();
    }

    /// A row that somebody asserts. Lists leave deprecated rows out unless they are asked for.
    pub fn citable(&mut self) {
        self.def().interfaces.push("Citable");
        if !self.def().fields.contains_key("citations") {
            self.citations();
        }
        let [modality, rank, asserted_by] =
            ["modality", "rank", "asserted_by_id"].map(|name| self.named(name));
        self.choice_at(
            "modality",
            modality,
            &MODALITY,
            "Whether the source says it, we infer it, or an editor added it.",
        )
        .filter();
        self.choice_at("rank", rank, &RANK, "Standing among rows that contradict each other; deprecated ones show only when asked for.").filter();
        self.any_at(
            "assertedBy",
            asserted_by,
            &AGENT,
            "Who says so; null when the source names nobody. Never null with `EDITORIAL`.",
        )
        .filter();
        let deprecated = Test::Is("<>", "DEPRECATED".into());
        self.implied(rank, deprecated);
    }

    fn citations(&mut self) {
        self.list::<Citation>(
            "citations",
            child("subject_id"),
            "Sources that support this row. Order: oldest first.",
        )
        .filter();
    }

    /// A list of records at the other end of links; its edges carry the link.
    pub fn linked<U: Record>(
        &mut self,
        name: &'static str,
        relation: &'static str,
        outgoing: bool,
        about: &'static str,
    ) {
        // Definitions are made once and kept for ever.
        self.linked_by::<U>(name, Box::leak(Box::new([relation])), outgoing, about);
    }

    /// As [`Define::linked`], by links of any of several relations.
    pub fn linked_by<U: Record>(
        &mut self,
        name: &'static str,
        relations: &'static [&'static str],
        outgoing: bool,
        about: &'static str,
    ) {
        let source = Source::Link { relations, outgoing };
        let edge = crate::record::relation::EdgeField {
            name: "link",
            about: "Citable row behind this place.",
            ty: crate::record::relation::EdgeType::One(def::<Link>),
            value: crate::record::relation::EdgeValue::Through,
            leads: false,
        };
        self.list::<U>(name, source, about)
            .scoped(&[LINK_MODALITY], modality_asked)
            .edge(edge)
            .connection(Box::leak(format!("Linked{}", U::NAME).into_boxed_str()))
            .filter();
    }
}

fn child(key: &str) -> Source {
    Source::Child { key: key.to_owned() }
}

/// The names of an enum that an argument lists; none when it was left out.
pub fn names(ask: &Ask<'_>, field: &Positioned<Field>, argument: &str) -> Option<Vec<String>> {
    let list = items(ask.given(field, argument)?);
    Some(list.iter().filter_map(enum_name).map(str::to_owned).collect())
}

/// `'STATED', 'INFERRED'`: the names that the enum has, quoted for SQL.
fn quoted(names: &[String], of: &EnumType) -> String {
    let known = of.values.iter().filter(|(name, _)| names.iter().any(|it| it == name));
    let quoted: Vec<String> = known.map(|(name, _)| format!("'{name}'")).collect();
    if quoted.is_empty() { "NULL".to_owned() } else { quoted.join(", ") }
}

fn modality_asked(ask: &Ask<'_>, field: &Positioned<Field>) -> Result<Scope, ApiError> {
    let sql = names(ask, field, "modality").map(|asked| quoted(&asked, &MODALITY));
    Ok(Scope { sql, ..Scope::default() })
}

/// The scope of lists over all modalities.
pub fn any_modality(ask: &Ask<'_>, field: &Positioned<Field>) -> Result<Scope, ApiError> {
    let all = || MODALITY.values.iter().map(|(name, _)| (*name).to_owned()).collect();
    let asked = names(ask, field, "modality").unwrap_or_else(all);
    Ok(Scope { sql: Some(quoted(&asked, &MODALITY)), ..Scope::default() })
}

fn claims_asked(ask: &Ask<'_>, field: &Positioned<Field>) -> Result<Scope, ApiError> {
    let claim = def::<Claim>();
    let is_in = |column: &str, asked: Vec<String>| {
        let operands = asked.into_iter().map(Into::into).collect();
        claim.column(column).map(|place| Pred::column(claim, place, Test::In(operands)))
    };
    let property = names(ask, field, "property").and_then(|asked| is_in("property", asked));
    let rank = names(ask, field, "rank").and_then(|asked| is_in("rank", asked));
    let ranks = rank.is_some();
    let condition = Some(Pred::All(property.into_iter().chain(rank).collect()));
    Ok(Scope { sql: None, condition, ranks })
}

fn links_asked(ask: &Ask<'_>, field: &Positioned<Field>) -> Result<Scope, ApiError> {
    let direction = ask.given(field, "direction");
    let ends = match direction.as_ref().and_then(enum_name) {
        Some("INCOMING") => "{t}.to_id = {k}",
        Some("BOTH") => "({t}.from_id = {k} OR {t}.to_id = {k})",
        _ => "{t}.from_id = {k}",
    };
    let modality =
        names(ask, field, "modality").unwrap_or_else(|| vec!["STATED".into(), "INFERRED".into()]);
    let mut sql = format!("{ends} AND {{t}}.modality IN ({})", quoted(&modality, &MODALITY));
    if let Some(relations) = names(ask, field, "relation") {
        sql.push_str(&format!(" AND {{t}}.relation IN ({})", quoted(&relations, &LINK_RELATION)));
    }
    Ok(Scope { sql: Some(sql), ..Scope::default() })
}

/// The property of a claim is of its enum; here, since claims and records know each other through this module.
pub fn is_property(name: &str) -> bool {
    CLAIM_PROPERTY.values.iter().any(|(value, _)| *value == name)
}

/// A condition that one of an argument's days must meet; the day is checked to be one.
pub fn day(value: &Value) -> Result<String, ApiError> {
    match value {
        Value::String(text) if crate::value::day::is_valid(text) => Ok(text.clone()),
        _ => {
            Err(ApiError::value("a day is written `YYYY-MM-DD` and exists, such as \"2021-12-13\""))
        }
    }
}

fn write_slug(
    value: &serde_json::Value,
    columns: &[usize],
    _: &Refs<'_>,
    cells: &mut Cells,
) -> Result<(), Mistake> {
    cells.set(columns[0], slug(value)?);
    Ok(())
}
