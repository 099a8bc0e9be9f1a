//! Dates as sources have them: complete, partial, without a year, or a stretch of time.
use sea_orm::IdenStatic;
use serde_json::Value as Json;

use crate::{
    error::ApiError,
    record::{
        ask::{Ask, Selected},
        def::{OrderOn, Record, Render},
        define::Define,
        entry::ValueEntry,
        filter::FilterKind,
        json,
        object::{Object, ObjectField, ObjectShape, Picked},
        shape::EnumType,
        write::{Cells, Mistake, Refs, Store, text},
    },
    value::{edtf::FuzzyDate, lang::Lang},
};

impl Object for FuzzyDate {
    const SHAPE: ObjectShape = ObjectShape {
        name: "FuzzyDate",
        about: "A date as a source has it: complete, partial, year-less or an interval.",
        fields: &[
            ObjectField::new(
                "edtf",
                "String!",
                "As written, in EDTF: `2019`, `2019-10-30`, `XXXX-12-13`.",
            ),
            ObjectField::new(
                "earliest",
                "Date",
                "First day that it can mean; null without a year or with an open start.",
            ),
            ObjectField::new(
                "latest",
                "Date",
                "Last day that it can mean; null without a year or with an open end.",
            ),
            ObjectField::new("precision", "DatePrecision!", "How exact it is."),
            ObjectField::with_lang(
                "text",
                "String!",
                "In words for readers, in Vietnamese or English.",
            ),
        ],
    };

    fn write(&self, field: usize, langs: &[Lang], out: &mut Vec<u8>) {
        let day = |out: &mut Vec<u8>, day: Option<&str>| match day {
            Some(day) => json::string(out, day),
            None => json::null(out),
        };
        match field {
            0 => json::string(out, &self.edtf),
            1 => day(out, self.earliest.as_deref()),
            2 => day(out, self.latest.as_deref()),
            3 => json::string(out, self.precision.as_str()),
            _ => {
                let languages = langs.iter().filter_map(|lang| lang.as_str().split('-').next());
                let spoken = languages.into_iter().find(|language| ["vi", "en"].contains(language));
                json::string(out, &self.text(spoken.unwrap_or("en")));
            }
        }
    }
}

pub static DATE_PRECISION: EnumType = EnumType {
    name: "DatePrecision",
    about: "How exact a date is.",
    values: &[
        ("DAY", "A complete date."),
        ("MONTH", "A month of a year."),
        ("SEASON", "A season or quarter of a year."),
        ("YEAR", "A whole year."),
        ("DECADE", "Ten years."),
        ("CENTURY", "A hundred years."),
        ("INTERVAL", "From one date to another, either may be open."),
        ("DAY_WITHOUT_YEAR", "Month and day, year not known."),
        ("MONTH_WITHOUT_YEAR", "Month, year not known."),
    ],
};

pub fn one(ask: &Ask<'_>, selected: &Selected<'_>, columns: &[usize]) -> Result<Render, ApiError> {
    let column = columns[0];
    let picked = Picked::new(ask, &FuzzyDate::SHAPE, selected)?;
    Ok(Box::new(move |out, cells| {
        let date = cells.text(column).and_then(|edtf| FuzzyDate::parse(edtf).ok());
        picked.write_some(date, out);
    }))
}

/// A list of dates, kept as a JSON array of EDTF texts.
fn list(ask: &Ask<'_>, selected: &Selected<'_>, columns: &[usize]) -> Result<Render, ApiError> {
    let column = columns[0];
    let picked = Picked::new(ask, &FuzzyDate::SHAPE, selected)?;
    Ok(Box::new(move |out, cells| {
        let texts: Vec<String> =
            cells.text(column).and_then(|it| serde_json::from_str(it).ok()).unwrap_or_default();
        let dates = texts.iter().filter_map(|text| FuzzyDate::parse(text).ok());
        json::list(out, json::ARRAY, dates, |out, date| picked.write(&date, out));
    }))
}

impl<T: Record> Define<T> {
    /// A date of three columns: `x_date` as written, `x_earliest` and `x_latest`. Lists can be filtered and ordered by it.
    pub fn date(&mut self, name: &'static str, column: impl IdenStatic, about: &'static str) {
        let columns = self.date_columns(column.as_str());
        let [written, earliest, latest] = columns;
        self.value(name, "FuzzyDate", &columns, one, about)
            .store(Store::Value { columns: columns.to_vec(), write })
            .filter(FilterKind::Date { written, earliest, latest })
            .order(OrderOn::Column(earliest));
    }

    /// The places of a date's three columns.
    pub fn date_columns(&self, written: &str) -> [usize; 3] {
        let stem = written.trim_end_matches("_date");
        [
            self.named(written),
            self.named(&format!("{stem}_earliest")),
            self.named(&format!("{stem}_latest")),
        ]
    }

    /// A list of dates.
    pub fn dates(
        &mut self,
        name: &'static str,
        column: impl IdenStatic,
        about: &'static str,
    ) -> ValueEntry<'_> {
        let column = self.place(column);
        let store = Store::Value { columns: vec![column], write: write_list };
        self.value(name, "[FuzzyDate!]!", &[column], list, about).store(store)
    }
}

fn parse(value: &Json) -> Result<FuzzyDate, Mistake> {
    FuzzyDate::parse(&text(value)?).map_err(|e| Mistake::format(e.to_string()))
}

/// Writes a date into its three columns.
pub fn write(
    value: &Json,
    columns: &[usize],
    _: &Refs<'_>,
    cells: &mut Cells,
) -> Result<(), Mistake> {
    let date = parse(value)?;
    cells.set(columns[0], date.edtf);
    cells.set(columns[1], date.earliest);
    cells.set(columns[2], date.latest);
    Ok(())
}

fn write_list(
    value: &Json,
    columns: &[usize],
    _: &Refs<'_>,
    cells: &mut Cells,
) -> Result<(), Mistake> {
    let list = value.as_array().filter(|list| list.len() <= 100);
    let list = list.ok_or_else(|| Mistake::format("a list of at most 100 dates is expected"))?;
    let texts: Result<Vec<String>, Mistake> =
        list.iter().map(|it| parse(it).map(|date| date.edtf)).collect();
    let mut texts = texts?;
    texts.sort();
    cells.set(columns[0], Json::from(texts));
    Ok(())
}
