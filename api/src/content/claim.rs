//! Claims: one value of one property of a record, with its sources. Contradicting claims stand beside each other.
use entities::claim;
use serde_json::Value as Json;

use super::{
    claim_words, fuzzy_date, money, place,
    shared::{DESCRIBED, is_property},
    text,
};
use crate::{
    error::ApiError,
    record::{
        ask::{Ask, Selected},
        def::{Record, Render},
        define::Define,
        filter::FilterKind,
        json,
        object::Picked,
        relation::Target,
        scalar,
        schema::LANG,
        shape::EnumType,
        write::{Cells, Mistake, Refs, Store, text as stored_text},
    },
};

pub struct Claim;

pub static CLAIM_PROPERTY: EnumType = EnumType {
    name: "ClaimProperty",
    about: "Properties that claims can be about: a closed list, because each has its kind of value and its subjects. Listed with the kind of value.",
    values: &[
        ("NAME", "Name or title: text."),
        ("ABBREVIATION", "Short form: text."),
        ("KICKER", "Line above a headline: text."),
        ("CAPTION", "Words under an image: text."),
        ("REFERRED_TO_AS", "Other form used in a text: string."),
        ("COUNTRY", "Where it lies: record."),
        ("GEO", "A point: coordinates."),
        ("POPULATION", "Inhabitants, persons: quantity."),
        ("AREA", "Size, km²: quantity."),
        ("IDENTIFIER", "What another system calls it: identifier."),
        ("FOUNDING_DATE", "Foundation: date."),
        ("START_DATE", "First day, or since when: date."),
        ("END_DATE", "Last day, or until when: date."),
        (
            "FIELD",
            "Field of a membership, where sources differ: record. Else its sources are `fieldPeriods.citations`.",
        ),
        ("STATUS", "State of it: record."),
        ("TOTAL_MEMBERS", "Members of a network as announced: quantity."),
        ("NEW_MEMBERS", "Members added in a round as announced: quantity."),
        ("LOCATION", "Where: record or text."),
        ("KIND", "Kind in the source's words: text."),
        ("TARGET_DATE", "When it is to be reached: date."),
        ("ORDINAL", "Number in a series: quantity."),
        ("PART_OF_DAY", "Part of the day: text."),
        ("FORMAT", "In person, online or both: record."),
        ("ORGANIZER", "Who organizes: record or string."),
        ("GOAL", "Goal of its own: record."),
        ("HORIZON", "Time in words: text."),
        ("IMPORTANCE", "Weight in words: text."),
        ("REQUIREMENT", "What a goal needs: text."),
        ("LATER_DECISION", "Year of a later decision on an inscription: date."),
        ("PRIORITY", "Who or what comes first: record or text."),
        ("SCOPE", "Reach: text or record."),
        ("ASSESSMENT", "Judgment on it: text."),
        ("FOCUS", "What it centers on: text."),
        ("TIED_TO", "What it is tied to: text."),
        ("DIRECTION", "Where it is to lead: text."),
        ("CONTEXT", "Circumstances: text."),
        ("FACTOR", "What makes it up: text."),
        ("LIST_IS_OPEN", "The source's list goes on: boolean."),
        ("TOPIC", "What it is about: text."),
        ("OUTCOME", "Expected result: text."),
        ("FRAMEWORK", "Plan or strategy it is done within: text."),
        ("CREATES", "What comes into being: text."),
        ("BASED_ON", "What it builds on: text."),
        ("CHANNEL", "By which media: text."),
        ("PROMOTES", "What it makes known: text."),
        ("ACTED_AS", "Duty carried out without the office: text."),
    ],
};

pub static ABSENCE: EnumType = EnumType {
    name: "Absence",
    about: "Why there is no value.",
    values: &[
        ("UNKNOWN", "There is one, but nobody knows it."),
        ("NONE", "It is known that there is not one."),
    ],
};

impl Record for Claim {
    type Entity = claim::Entity;
    const NAME: &str = "Claim";
    const ONE: &str = "claim";
    const MANY: &str = "claims";
    const ABOUT: &str = "One value of one property of a record, with its sources. Contradicting claims stand beside each other.";
    const CODE: u16 = 16;
    const PREFIX: &str = "claim";

    fn define(d: &mut Define<Self>) {
        use claim::Column::*;
        d.record();
        d.citable();
        d.any("subject", SubjectId, &DESCRIBED, "What it is about.").filter();
        let sides = [d.place(SubjectId), d.place(ValueRecordId)];
        d.filter(
            "about",
            FilterKind::Either(sides),
            "What it is about, or its value where that is a record.",
        );
        d.choice("property", Property, &CLAIM_PROPERTY, "Which property of the subject.")
            .filter()
            .order();
        d.values();
        d.readable();
        d.date("startDate", StartDate, "From when it holds; null when not said.");
        d.date("endDate", EndDate, "Until when it holds; null when it lasts or is not said.");
        d.date(
            "observationDate",
            ObservationDate,
            "When it was observed, e.g. the year of a count; null when not said.",
        );
        d.qualifiers();
        let note = d.place(Note);
        d.text("note", note, "Why it has its rank, or another remark; null when there is none.");
        let rank = d.place(Rank);
        d.order(
            "RANK",
            crate::record::def::OrderOn::Column(rank),
            "Deprecated, normal, preferred: descending shows the best first.",
        );
        let [property, id] = [Property, Id].map(|it| d.place(it));
        d.default_order(&[(property, false), (rank, true), (id, false)]);
        let subject = d.place(SubjectId);
        d.filter("subjectType", FilterKind::Types(subject), "Type of what it is about.");
    }
}

impl<T: Record> Define<T> {
    /// A property with a value of any kind, as claims and their qualifiers have it.
    pub fn values(&mut self) {
        let at = |d: &Self, column: &str| d.named(column);
        let [text, string, amount, unit] =
            ["value_text", "value_string", "value_amount", "value_unit"].map(|it| at(self, it));
        let geo = ["value_latitude", "value_longitude"].map(|it| at(self, it));
        let [boolean, absence, scheme] =
            ["value_boolean", "value_absence", "value_scheme"].map(|it| at(self, it));
        let record = at(self, "value_record_id");
        let (property, kind) = (at(self, "property"), at(self, "value_kind"));
        self.variants(
            "value",
            "ClaimValue",
            kind,
            "What is claimed, or that there is nothing to claim.",
        );
        let date = self.date_columns("value_date");
        self.variant("value", "RECORD", "RecordValue", "A record, a term included.", |d| {
            d.any_at("record", record, &DESCRIBED, "The record itself; null when withdrawn.");
        });
        self.variant("value", "TEXT", "TextValue", "A multilingual text.", |d| {
            d.value("text", "Text", &[text], text::one, "Text, chosen as a name is.")
                .arguments(&[LANG]);
            d.value(
                "texts",
                "[Text!]!",
                &[text],
                text::all,
                "All wordings, by language tag. At most 100.",
            )
            .arguments(&[crate::record::def::Argument::new(
                "lang",
                "[Lang!]",
                "Only these languages, no fallback.",
            )]);
        });
        self.variant(
            "value",
            "STRING",
            "StringValue",
            "Characters without a language, e.g. an abbreviation.",
            |d| {
                d.value("string", "String!", &[string], scalar::string, "The characters, in NFC.");
            },
        );
        self.variant("value", "QUANTITY", "QuantityValue", "A number with its unit.", |d| {
            d.value("amount", "Decimal!", &[amount], scalar::string, "Exact number.");
            d.value(
                "unit",
                "String",
                &[unit],
                scalar::string,
                "UCUM code, e.g. `km2`; null for plain counts.",
            );
        });
        self.variant("value", "DATE", "DateValue", "A date as a source has it.", |d| {
            d.value("date", "FuzzyDate!", &date, fuzzy_date::one, "The date claimed.");
        });
        self.variant("value", "GEO", "GeoValue", "A place on the earth.", |d| {
            d.value("geo", "GeoCoordinates!", &geo, place::point, "The point claimed.");
        });
        self.variant("value", "BOOLEAN", "BooleanValue", "Yes or no.", |d| {
            d.value("boolean", "Boolean!", &[boolean], scalar::bool, "True for yes.");
        });
        self.variant(
            "value",
            "IDENTIFIER",
            "IdentifierValue",
            "An identifier in another system.",
            |d| {
                d.value(
                    "identifier",
                    "Identifier!",
                    &[scheme, string],
                    identifier,
                    "The identifier claimed.",
                );
            },
        );
        self.variant(
            "value",
            "ABSENT",
            "AbsentValue",
            "Knowledge that there is no value to give.",
            |d| {
                d.value("absence", "Absence!", &[absence], scalar::string, "Why there is none.");
            },
        );
        let mut columns = vec![kind, record, text, string, amount, unit, boolean, scheme, absence];
        columns.extend(date);
        columns.extend(geo);
        self.def().fields["value"].store = Some(Store::Value { columns, write: write_value });
        self.def().fields["property"].store =
            Some(Store::Value { columns: vec![property], write: write_property });
    }
}

impl Define<Claim> {
    /// Property and value in words for readers.
    fn readable(&mut self) {
        use claim::Column::*;
        let property = self.place(Property);
        let about = "Name of the property for readers, in Vietnamese or English.";
        self.value("propertyName", "String!", &[property], claim_words::property, about)
            .arguments(&[LANG]);
        let record = self.place(ValueRecordId);
        let names = self.names_of("value_names", record);
        let own = [
            ValueText,
            ValueString,
            ValueAmount,
            ValueUnit,
            ValueDate,
            ValueLatitude,
            ValueLongitude,
        ]
        .into_iter()
        .chain([ValueBoolean, ValueScheme, ValueAbsence]);
        let mut columns = vec![self.place(ValueKind), names];
        columns.extend(own.map(|it| self.place(it)));
        self.value(
            "valueText",
            "Text!",
            &columns,
            claim_words::value,
            "The value in words for readers; of a record its name, chosen as `name` is.",
        )
        .arguments(&[LANG]);
    }
}

fn identifier(
    ask: &Ask<'_>,
    selected: &Selected<'_>,
    columns: &[usize],
) -> Result<Render, ApiError> {
    use super::identifier::Identifier;
    use crate::record::object::Object;
    let (scheme, value) = (columns[0], columns[1]);
    let picked = Picked::new(ask, &Identifier::SHAPE, selected)?;
    Ok(Box::new(move |out, cells| match cells.text(scheme).zip(cells.text(value)) {
        Some((scheme, value)) => {
            picked.write(
                &Identifier { scheme: scheme.into(), value: value.into(), exactness: None },
                out,
            );
        }
        None => json::null(out),
    }))
}

fn write_property(
    value: &Json,
    columns: &[usize],
    _: &Refs<'_>,
    cells: &mut Cells,
) -> Result<(), Mistake> {
    let name = stored_text(value)?;
    if !is_property(&name) {
        return Err(Mistake::format(format!("`{name}` is no value of ClaimProperty")));
    }
    cells.set(columns[0], name);
    Ok(())
}

/// Writes a value, given as an object with exactly one of the kinds' fields.
fn write_value(
    value: &Json,
    columns: &[usize],
    refs: &Refs<'_>,
    cells: &mut Cells,
) -> Result<(), Mistake> {
    let &[kind, record, words, string, amount, unit, boolean, scheme, absence, ref rest @ ..] =
        columns
    else {
        return Err(Mistake::format("a claim has no columns for its value"));
    };
    let one = value.as_object().filter(|it| it.len() == 1).and_then(|it| it.iter().next());
    let (name, inner) = one.ok_or_else(|| {
        Mistake::format("a value is one of record, text, string, quantity, date, geo, boolean, identifier, absence")
    })?;
    let field = |name: &str| inner.get(name).unwrap_or(&Json::Null);
    let tag = match name.as_str() {
        "record" => {
            cells.set(record, refs.resolve(inner, Target::Any(&DESCRIBED))?);
            "RECORD"
        }
        "text" => {
            text::write_text(inner, &[words], refs, cells)?;
            "TEXT"
        }
        "string" => {
            cells.set(string, stored_text(inner)?);
            "STRING"
        }
        "quantity" => {
            cells.set(amount, money::decimal(field("amount"))?);
            if !field("unit").is_null() {
                cells.set(unit, stored_text(field("unit"))?);
            }
            "QUANTITY"
        }
        "date" => {
            fuzzy_date::write(inner, rest, refs, cells)?;
            "DATE"
        }
        "geo" => {
            place::write_point(inner, rest.get(3..).unwrap_or_default(), refs, cells)?;
            "GEO"
        }
        "boolean" => {
            cells.set(
                boolean,
                inner.as_bool().ok_or_else(|| Mistake::format("true or false is expected"))?,
            );
            "BOOLEAN"
        }
        "identifier" => {
            cells.set(scheme, stored_text(field("scheme"))?);
            cells.set(string, stored_text(field("value"))?);
            "IDENTIFIER"
        }
        "absence" => {
            cells.set(absence, stored_text(inner)?);
            "ABSENT"
        }
        other => return Err(Mistake::format(format!("`{other}` is no kind of value"))),
    };
    cells.set(kind, tag);
    Ok(())
}
