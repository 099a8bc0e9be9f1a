//! Amounts of money, and the exact decimal numbers that they are made of.
use std::borrow::Cow;

use serde_json::Value as Json;

use crate::{
    error::ApiError,
    record::{
        ask::{Ask, Selected},
        def::Render,
        json,
        object::{Object, ObjectField, ObjectShape, Picked},
        write::{Cells, Mistake, Refs, text},
    },
    value::lang::Lang,
};

/// An amount of money, as it is stored.
pub struct Money<'a> {
    amount: Cow<'a, str>,
    currency: Cow<'a, str>,
    as_of_year: Option<i64>,
}

impl Object for Money<'_> {
    const SHAPE: ObjectShape = ObjectShape {
        name: "Money",
        about: "An amount of money.",
        fields: &[
            ObjectField::new("amount", "Decimal!", "Exact number of units of the currency."),
            ObjectField::new("currency", "String!", "ISO 4217 code, e.g. `VND`."),
            ObjectField::new("asOfYear", "Int", "Year whose prices are meant; null when not said."),
        ],
    };

    fn write(&self, field: usize, _: &[Lang], out: &mut Vec<u8>) {
        match (field, self.as_of_year) {
            (0, _) => json::string(out, &self.amount),
            (1, _) => json::string(out, &self.currency),
            (_, Some(year)) => json::int(out, year),
            (_, None) => json::null(out),
        }
    }
}

/// An amount of three columns: amount, currency, year.
pub fn money(
    ask: &Ask<'_>,
    selected: &Selected<'_>,
    columns: &[usize],
) -> Result<Render, ApiError> {
    let [amount, currency, year] = [columns[0], columns[1], columns[2]];
    let picked = Picked::new(ask, &Money::SHAPE, selected)?;
    Ok(Box::new(move |out, cells| {
        let money = cells.text(amount).zip(cells.text(currency));
        let money = money.map(|(amount, currency)| Money {
            amount: amount.into(),
            currency: currency.into(),
            as_of_year: cells.int(year),
        });
        picked.write_some(money, out);
    }))
}

pub fn write_money(
    value: &Json,
    columns: &[usize],
    _: &Refs<'_>,
    cells: &mut Cells,
) -> Result<(), Mistake> {
    let field = |name: &str| value.get(name).unwrap_or(&Json::Null);
    cells.set(columns[0], decimal(field("amount")).map_err(|it| it.below("amount"))?);
    let currency = field("currency").as_str().unwrap_or_default();
    if currency.len() != 3 || !currency.bytes().all(|it| it.is_ascii_uppercase()) {
        let message = "a currency is a code of ISO 4217: three capital letters, such as \"VND\"";
        return Err(Mistake::format(message).below("currency"));
    }
    cells.set(columns[1], currency.to_owned());
    match field("asOfYear") {
        Json::Null => {}
        year => match year.as_i64().filter(|year| (1..=9999).contains(year)) {
            Some(year) => cells.set(columns[2], year),
            None => return Err(Mistake::format("a year is from 1 to 9999").below("asOfYear")),
        },
    }
    Ok(())
}

/// An exact decimal number, as text.
pub fn decimal(value: &Json) -> Result<String, Mistake> {
    let text = text(value)?;
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, "0"));
    let digits = |part: &str| {
        !part.is_empty() && part.len() <= 30 && part.bytes().all(|b| b.is_ascii_digit())
    };
    match digits(whole.trim_start_matches('-')) && digits(fraction) {
        true => Ok(text),
        false => Err(Mistake::format(
            "an amount is a decimal number as a text, such as \"408\" or \"-1.50\"",
        )),
    }
}
