use super::*;

fn date(edtf: &str) -> FuzzyDate {
    FuzzyDate::parse(edtf).unwrap()
}

#[test]
fn forms_have_bounds_and_precision() {
    let forms = [
        ("2019-10-30", "2019-10-30", "2019-10-30", "DAY"),
        ("2020-02-29", "2020-02-29", "2020-02-29", "DAY"),
        ("2019-10", "2019-10-01", "2019-10-31", "MONTH"),
        ("2020-02", "2020-02-01", "2020-02-29", "MONTH"),
        ("2100-02", "2100-02-01", "2100-02-28", "MONTH"),
        ("2019-21", "2019-01-01", "2019-12-31", "SEASON"),
        ("2019-24", "2019-01-01", "2019-12-31", "SEASON"),
        ("2020-33", "2020-01-01", "2020-03-31", "SEASON"),
        ("2020-36", "2020-10-01", "2020-12-31", "SEASON"),
        ("2019", "2019-01-01", "2019-12-31", "YEAR"),
        ("0000", "0000-01-01", "0000-12-31", "YEAR"),
        ("9999", "9999-01-01", "9999-12-31", "YEAR"),
        ("201X", "2010-01-01", "2019-12-31", "DECADE"),
        ("999X", "9990-01-01", "9999-12-31", "DECADE"),
        ("20XX", "2000-01-01", "2099-12-31", "CENTURY"),
        ("99XX", "9900-01-01", "9999-12-31", "CENTURY"),
        ("XXXX-12-13", "", "", "DAY_WITHOUT_YEAR"),
        ("XXXX-02-29", "", "", "DAY_WITHOUT_YEAR"),
        ("XXXX-12", "", "", "MONTH_WITHOUT_YEAR"),
        ("2019/2021", "2019-01-01", "2021-12-31", "INTERVAL"),
        ("2019-05/2019", "2019-05-01", "2019-12-31", "INTERVAL"),
        ("2019-10-30/2019-11-02", "2019-10-30", "2019-11-02", "INTERVAL"),
        ("201X~/2021-02?", "2010-01-01", "2021-02-28", "INTERVAL"),
        ("2019/..", "2019-01-01", "", "INTERVAL"),
        ("2019/", "2019-01-01", "", "INTERVAL"),
        ("../2019", "", "2019-12-31", "INTERVAL"),
        ("/2019", "", "2019-12-31", "INTERVAL"),
    ];
    for (edtf, earliest, latest, precision) in forms {
        let date = date(edtf);
        assert_eq!(date.edtf, edtf);
        assert_eq!(date.earliest.as_deref().unwrap_or_default(), earliest, "{edtf}");
        assert_eq!(date.latest.as_deref().unwrap_or_default(), latest, "{edtf}");
        assert_eq!(date.precision.as_str(), precision, "{edtf}");
        if !edtf.ends_with(['/', '.', '?']) {
            for mark in ['?', '~', '%'] {
                let marked = FuzzyDate::parse(&format!("{edtf}{mark}")).unwrap();
                assert_eq!(
                    (marked.earliest, marked.latest),
                    (date.earliest.clone(), date.latest.clone())
                );
            }
        }
    }
}

#[test]
fn other_texts_say_what_is_expected() {
    use EdtfError::*;

    let texts = [
        ("", Form),
        (" ", Form),
        (" 2019", Form),
        ("2019 ", Form),
        ("19", Form),
        ("2019-1", Form),
        ("2019-10-3", Form),
        ("2019-10-30T09:00", Form),
        ("30/10/2019", Form),
        ("2019.10", Form),
        ("XXXX", Form),
        ("2XXX", Form),
        ("20X9", Form),
        ("201x", Form),
        ("201u", Form),
        ("2019-XX", Form),
        ("2019-10-XX", Form),
        ("201X-10", Form),
        ("2019??", Form),
        ("2019~?", Form),
        ("?2019", Form),
        ("2019/2020/2021", Form),
        ("2019/...", Form),
        ("+2019", Form),
        ("２０１９", Form),
        ("2019-10-30-01", Form),
        ("2019-", Form),
        ("ngày 30", Form),
        ("20191030x", Form),
        ("Y2019", Form),
        ("12019", Year),
        ("-0044", Year),
        ("Y170000002", Year),
        ("Y-170000002", Year),
        ("-2019-10", Year),
        ("20191030", Year),
        ("2019-00", Month),
        ("2019-13", Month),
        ("2019-25", Month),
        ("2019-37", Month),
        ("2019-21-01", MonthOnly),
        ("XXXX-13", MonthOnly),
        ("XXXX-21", MonthOnly),
        ("2019-00-01", MonthOnly),
        ("2021-02-29", Day { last: 28 }),
        ("XXXX-02-30", Day { last: 29 }),
        ("2019-04-31", Day { last: 30 }),
        ("2019-01-00", Day { last: 31 }),
        ("1900-02-29", Day { last: 28 }),
        ("/", IntervalWithoutDate),
        ("../..", IntervalWithoutDate),
        ("../", IntervalWithoutDate),
        ("/..", IntervalWithoutDate),
        ("XXXX-12-13/XXXX-12-15", IntervalWithoutYear),
        ("2019/XXXX-12", IntervalWithoutYear),
        ("2020/2019", IntervalBackwards),
        ("2019-05/2019-04-30", IntervalBackwards),
        ("2020/201X", IntervalBackwards),
    ];
    for (text, error) in texts {
        assert_eq!(FuzzyDate::parse(text), Err(error), "{text}");
        assert!(error.to_string().starts_with("expected "));
    }
    assert_eq!(FuzzyDate::parse(&"2019-".repeat(10_000)), Err(Form));
}

#[test]
fn dates_read_as_words() {
    let words = [
        ("2019-10-30", "ngày 30 tháng 10 năm 2019", "30 October 2019"),
        ("2019-10", "tháng 10 năm 2019", "October 2019"),
        ("2019", "năm 2019", "2019"),
        ("XXXX-12-13", "ngày 13 tháng 12", "13 December"),
        ("XXXX-12", "tháng 12", "December"),
        ("2019-21", "mùa xuân năm 2019", "spring 2019"),
        ("2019-36", "quý 4 năm 2019", "fourth quarter of 2019"),
        ("201X", "thập niên 2010", "2010s"),
        ("19XX", "thế kỷ 20", "20th century"),
        ("20XX", "thế kỷ 21", "21st century"),
        ("00XX", "thế kỷ 1", "1st century"),
        ("10XX", "thế kỷ 11", "11th century"),
        ("11XX", "thế kỷ 12", "12th century"),
        ("21XX", "thế kỷ 22", "22nd century"),
        ("22XX", "thế kỷ 23", "23rd century"),
        ("0040-03", "tháng 3 năm 40", "March AD 40"),
        ("0000", "năm 1 trước Công nguyên", "1 BC"),
        ("2019~", "khoảng năm 2019", "about 2019"),
        ("201X?", "khoảng thập niên 2010", "about the 2010s"),
        ("2019/2021", "từ năm 2019 đến năm 2021", "from 2019 to 2021"),
        (
            "2019-10-30/2019-11",
            "từ ngày 30 tháng 10 năm 2019 đến tháng 11 năm 2019",
            "from 30 October 2019 to November 2019",
        ),
        ("201X/2021%", "từ thập niên 2010 đến khoảng năm 2021", "from the 2010s to about 2021"),
        ("2019/..", "từ năm 2019 trở đi", "from 2019 on"),
        ("2019/", "từ năm 2019, không rõ lúc kết thúc", "from 2019, end unknown"),
        ("../2019", "đến năm 2019", "until 2019"),
        ("/20XX", "đến thế kỷ 21, không rõ lúc bắt đầu", "until the 21st century, start unknown"),
    ];
    for (edtf, vietnamese, english) in words {
        let date = date(edtf);
        assert_eq!(date.text("vi"), vietnamese);
        assert_eq!(date.text("vi-VN"), vietnamese);
        assert_eq!(date.text("en"), english);
        assert_eq!(date.text("fr"), english);
    }
}

#[test]
fn dates_that_can_be_the_same() {
    let pairs = [
        ("2019", "2019-10-30", true),
        ("2019", "2019", true),
        ("2019", "2020", false),
        ("2019~", "2020", false),
        ("201X", "2019-10", true),
        ("201X", "2020", false),
        ("19XX", "2000", false),
        ("2019-10", "2019-11-01", false),
        ("XXXX-12-13", "2021-12-13", true),
        ("XXXX-12-13", "2021-12-14", false),
        ("XXXX-12-13", "2021", true),
        ("XXXX-12-13", "2021-12", true),
        ("XXXX-12-13", "2021-11", false),
        ("XXXX-12-13", "XXXX-12", true),
        ("XXXX-12-13", "XXXX-12-13", true),
        ("XXXX-12-13", "XXXX-12-14", false),
        ("XXXX-12", "XXXX-11", false),
        ("XXXX-12", "2021-12-31", true),
        ("XXXX-12", "2021-01/2021-11", false),
        ("XXXX-01", "2021-12/2022-02", true),
        ("XXXX-02-29", "2021", false),
        ("XXXX-02-29", "2020", true),
        ("XXXX-02-29", "1896-03/1904-02-29", true),
        ("XXXX-02-29", "1896-03/1903", false),
        ("XXXX-12-13", "2021/..", true),
        ("XXXX-12-13", "../0000-12-12", false),
        ("2019-21", "2019-02-17", true),
        ("2019-21", "2019-22", false),
        ("2019-21", "2019-21~", true),
        ("2019-21", "2019-33", true),
        ("2019-33", "2019-34", false),
        ("2019-21", "2020", false),
        ("2019/2021", "2019-05/2021-06", true),
        ("2019/2021", "2019/2020", false),
        ("2019/2021", "2020/2021", false),
        ("2019/..", "2019/2021", true),
        ("/2021", "2019/2021", true),
        ("../2021", "2019/2022", false),
        ("2019-10-30/2019-11-02", "2019", true),
        ("2019/..", "2030-01-01", true),
        ("2019/..", "2018", false),
        ("/2019", "2020/", false),
    ];
    for (a, b, expected) in pairs {
        assert_eq!(compatible(&date(a), &date(b)), expected, "{a} {b}");
        assert_eq!(compatible(&date(b), &date(a)), expected, "{b} {a}");
    }
}

#[test]
fn the_coarser_date_covers_the_other() {
    let pairs = [
        ("2019", "2019-10"),
        ("2019-10", "2019-10-30"),
        ("2019", "2019-21"),
        ("2019", "2019-33"),
        ("201X", "2019"),
        ("20XX", "201X"),
        ("XXXX-12-13", "2021-12-13"),
        ("XXXX-12", "XXXX-12-13"),
        ("XXXX-12", "2021-12"),
        ("2019/..", "2019/2021"),
        ("2019", "2019-10-30/2019-11-02"),
    ];
    for (coarse, fine) in pairs {
        assert!(coarser(&date(coarse), &date(fine)), "{coarse} {fine}");
        assert!(!coarser(&date(fine), &date(coarse)), "{fine} {coarse}");
    }
    for (a, b) in [
        ("2019", "2020-10"),
        ("XXXX-12-13", "2021"),
        ("2019", "2019"),
        ("2019", "2019?"),
        ("2019-21", "2019-22"),
    ] {
        assert!(!coarser(&date(a), &date(b)), "{a} {b}");
        assert!(!coarser(&date(b), &date(a)), "{b} {a}");
    }
}

/// Numbers without a pattern, the same in every run (xorshift).
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit as u64).unwrap()
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }
}

/// Texts that are nearly dates: pieces of dates in any order.
fn pieces(chance: &mut Chance) -> String {
    let pieces = [
        "2019", "2020", "0000", "9999", "XXXX", "201X", "20XX", "-01", "-02", "-12", "-21", "-34",
        "-29", "-31", "-", "/", "..", "?", "~", "%", "X", "1", "Y", "đ", "９", " ",
    ];
    let count = chance.below(9);
    (0..count).map(|_| chance.pick(&pieces)).collect()
}

#[test]
fn no_text_breaks_the_parser_and_no_date_its_promises() {
    let mut chance = Chance(0x2019_1030);
    let mut dates: Vec<FuzzyDate> = Vec::new();
    for _ in 0..200_000 {
        let text = pieces(&mut chance);
        let Ok(date) = FuzzyDate::parse(&text) else { continue };
        assert_eq!(date.edtf, text);
        assert_eq!(FuzzyDate::parse(&date.edtf).as_ref(), Ok(&date));
        if let (Some(earliest), Some(latest)) = (&date.earliest, &date.latest) {
            assert!(earliest <= latest, "{text}");
        }
        for day in [&date.earliest, &date.latest].into_iter().flatten() {
            assert!(crate::value::day::is_valid(day), "{text}");
        }
        assert!(!date.text("vi").contains("  ") && !date.text("en").contains("  "));
        assert!(compatible(&date, &date) && !coarser(&date, &date), "{text}");
        if let Some(other) = dates.last() {
            assert_eq!(compatible(&date, other), compatible(other, &date), "{text} {}", other.edtf);
            assert!(!(coarser(&date, other) && coarser(other, &date)), "{text} {}", other.edtf);
        }
        dates.push(date);
    }
    assert!(dates.len() > 5_000, "{}", dates.len());
}
