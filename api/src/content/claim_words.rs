//! Claims in words for readers: what a property is called, and what a value says.
use super::text::{self, Wording};
use crate::{
    error::ApiError,
    record::{
        ask::{Ask, Selected},
        cell::Cells,
        def::Render,
        json,
        object::{Object, Picked},
    },
    value::{
        edtf::FuzzyDate,
        lang::{self, Lang},
    },
};

/// Properties in English and Vietnamese.
const PROPERTIES: &[(&str, &str, &str)] = &[
    ("NAME", "name", "tên"),
    ("ABBREVIATION", "abbreviation", "tên viết tắt"),
    ("KICKER", "kicker", "dòng trên tiêu đề"),
    ("CAPTION", "caption", "chú thích ảnh"),
    ("REFERRED_TO_AS", "referred to as", "được gọi là"),
    ("COUNTRY", "country", "quốc gia"),
    ("GEO", "coordinates", "tọa độ"),
    ("POPULATION", "population", "dân số"),
    ("AREA", "area", "diện tích"),
    ("IDENTIFIER", "identifier", "mã định danh"),
    ("FOUNDING_DATE", "founded", "ngày thành lập"),
    ("START_DATE", "start", "ngày bắt đầu"),
    ("END_DATE", "end", "ngày kết thúc"),
    ("TARGET_DATE", "target date", "thời hạn mục tiêu"),
    ("FIELD", "field", "lĩnh vực"),
    ("STATUS", "status", "tình trạng"),
    ("TOTAL_MEMBERS", "members in all", "tổng số thành viên"),
    ("NEW_MEMBERS", "new members", "thành viên mới"),
    ("ORDINAL", "number in the series", "lần thứ"),
    ("PART_OF_DAY", "part of the day", "buổi"),
    ("FORMAT", "format", "hình thức"),
    ("LOCATION", "location", "địa điểm"),
    ("ORGANIZER", "organizer", "đơn vị tổ chức"),
    ("KIND", "kind", "loại"),
    ("SCOPE", "scope", "phạm vi"),
    ("GOAL", "goal", "mục tiêu"),
    ("HORIZON", "time", "thời gian"),
    ("IMPORTANCE", "importance", "tầm quan trọng"),
    ("REQUIREMENT", "requirement", "yêu cầu"),
    ("ASSESSMENT", "assessment", "đánh giá"),
    ("FOCUS", "focus", "trọng tâm"),
    ("TIED_TO", "tied to", "gắn với"),
    ("DIRECTION", "direction", "định hướng"),
    ("CONTEXT", "context", "bối cảnh"),
    ("FACTOR", "factor", "yếu tố"),
    ("LIST_IS_OPEN", "the list goes on", "danh sách chưa đầy đủ"),
    ("TOPIC", "topic", "chủ đề"),
    ("OUTCOME", "expected result", "kết quả dự kiến"),
    ("FRAMEWORK", "framework", "khuôn khổ"),
    ("CREATES", "creates", "tạo ra"),
    ("BASED_ON", "based on", "dựa trên"),
    ("CHANNEL", "channel", "kênh"),
    ("PROMOTES", "promotes", "quảng bá"),
    ("ACTED_AS", "acted as", "đảm nhiệm"),
    ("PRIORITY", "priority", "ưu tiên"),
    ("LATER_DECISION", "later decision", "quyết định sau đó"),
];

/// The language that words of our own are in: the first wanted of Vietnamese and English, else English.
fn spoken(langs: &[Lang]) -> &'static str {
    let own = ["vi", "en"];
    lang::best(langs, own.into_iter()).map_or("en", |place| own[place])
}

/// The name of a property.
pub(super) fn property(
    ask: &Ask<'_>,
    selected: &Selected<'_>,
    columns: &[usize],
) -> Result<Render, ApiError> {
    let (column, lang) = (columns[0], spoken(&ask.languages(selected.field())?));
    Ok(Box::new(move |out, cells| {
        let property = cells.text(column).unwrap_or_default();
        let named = PROPERTIES.iter().find(|(name, ..)| *name == property);
        json::string(out, named.map_or(property, |(_, en, vi)| if lang == "vi" { vi } else { en }));
    }))
}

/// Where [`value`] finds the parts of a claim's value, in this order.
pub(super) const PARTS: usize = 12;

/// The value of a claim in words.
pub(super) fn value(
    ask: &Ask<'_>,
    selected: &Selected<'_>,
    columns: &[usize],
) -> Result<Render, ApiError> {
    let langs = ask.languages(selected.field())?;
    let columns: [usize; PARTS] = columns.try_into().unwrap_or_default();
    let picked = Picked::new(ask, &Wording::SHAPE, selected)?;
    Ok(Box::new(move |out, cells| picked.write(&words(cells, columns, &langs), out)))
}

fn words<'a>(cells: Cells<'a>, columns: [usize; PARTS], langs: &[Lang]) -> Wording<'a> {
    let [
        kind,
        names,
        text,
        string,
        amount,
        unit,
        date,
        latitude,
        longitude,
        boolean,
        scheme,
        absence,
    ] = columns;
    let own = |value: String, lang: &'static str| Wording {
        lang: lang.into(),
        value: value.into(),
        origin: None,
    };
    let lang = spoken(langs);
    let or = |en: &'static str, vi: &'static str| {
        own(if lang == "vi" { vi } else { en }.to_owned(), lang)
    };
    let plain = |column| cells.text(column).unwrap_or_default().to_owned();
    match cells.text(kind).unwrap_or_default() {
        "RECORD" => text::served(text::wordings(cells.text(names)), langs)
            .unwrap_or_else(|| own(String::new(), "und")),
        "TEXT" => text::served(text::wordings(cells.text(text)), langs)
            .unwrap_or_else(|| own(String::new(), "und")),
        "QUANTITY" => match cells.text(unit) {
            Some(unit) => own(format!("{} {unit}", plain(amount)), "und"),
            None => own(plain(amount), "und"),
        },
        "DATE" => match cells.text(date).and_then(|edtf| FuzzyDate::parse(edtf).ok()) {
            Some(date) => own(date.text(lang), lang),
            None => own(String::new(), "und"),
        },
        "GEO" => {
            let degrees = |column| cells.float(column).unwrap_or_default();
            own(format!("{}, {}", degrees(latitude), degrees(longitude)), "und")
        }
        "BOOLEAN" if cells.bool(boolean) == Some(true) => or("yes", "có"),
        "BOOLEAN" => or("no", "không"),
        "IDENTIFIER" => own(format!("{} {}", plain(scheme), plain(string)), "und"),
        "ABSENT" if cells.text(absence) == Some("NONE") => or("none", "không có"),
        "ABSENT" => or("unknown", "không rõ"),
        _ => own(plain(string), "und"),
    }
}

#[cfg(test)]
mod tests {
    use super::{super::claim::CLAIM_PROPERTY, *};

    #[test]
    fn every_property_has_a_name_in_both_languages() {
        for (property, _) in CLAIM_PROPERTY.values {
            assert!(PROPERTIES.iter().any(|(name, ..)| name == property), "{property} has no name");
        }
        assert_eq!(PROPERTIES.len(), CLAIM_PROPERTY.values.len());
    }
}
