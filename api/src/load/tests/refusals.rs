//! What is wrong in a file is said with its place, what was expected and what was found; nothing makes it panic.

use super::super::*;

/// The message about files that are not as they should be.
fn refusal(files: &Files<'_>) -> String {
    load(files).expect_err("refused").to_string()
}

fn replaced(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "{from}");
    text.replacen(from, to, 1)
}

#[test]
fn a_quote_that_is_not_at_its_place_is_refused() {
    let facts = SHIPPED.facts;
    let (before, after) = facts.split_once(r#""id": "s009""#).expect("the statement is there");
    let moved =
        |from: &str, to: &str| format!(r#"{before}"id": "s009"{}"#, replaced(after, from, to));

    for (from, to, message) in [
        (
            r#""char_start": 899"#,
            r#""char_start": 900"#,
            "facts.json, s009, reference 1: expected \"Phó Chủ tịch Thường trực UBND TP Hà Nội Lê Hồng \
             Sơn trình bày tham luận tại hội nghị\" at characters 900..983 of article.vi.txt, found \"hó \
             Chủ tịch Thường trực UBND TP Hà Nội Lê Hồng Sơn trình bày tham luận tại hội nghị\"",
        ),
        (
            r#""byte_end": 1323"#,
            r#""byte_end": 1322"#,
            "facts.json, s009, reference 1: expected bytes 1212..1323 for characters 899..983, found 1212..1322",
        ),
        (
            r#""char_end": 983"#,
            r#""char_end": 98300"#,
            "facts.json, s009, reference 1: expected a place in article.vi.txt, which has 4488 characters, found \
             characters 899..98300",
        ),
        (
            r#""passage": "p13""#,
            r#""passage": "p12""#,
            "facts.json, s009, reference 1: expected a place inside p12, characters 822..898, found characters 899..983",
        ),
    ] {
        assert_eq!(refusal(&Files { facts: &moved(from, to), ..SHIPPED }), message);
    }
}

#[test]
fn quotes_of_statements_without_a_record_are_checked_too() {
    let (before, after) =
        SHIPPED.facts.split_once(r#""id": "s112""#).expect("the statement is there");
    let facts = format!(r#"{before}"id": "s112"{}"#, replaced(after, "các tỉnh", "các tĩnh"));

    assert!(
        refusal(&Files { facts: &facts, ..SHIPPED })
            .starts_with("facts.json, s112, reference 1: expected ")
    );
}

#[test]
fn another_text_is_refused() {
    let article = SHIPPED.article.replace('\n', "\r\n");

    assert!(refusal(&Files { article: &article, ..SHIPPED }).starts_with(
        "article.vi.txt: expected SHA-256 41f550cd5e41294b5adcadde8b93a5b6ed8981a79f745320ba8bd34cae329d60, found "
    ));
}

#[test]
fn what_is_wrong_in_a_row_is_said_with_its_line() {
    let cities = |from, to| replaced(SHIPPED.cities, from, to);
    for (changed, message) in [
        (
            cities("251834", "many"),
            "cities.csv, line 2: expected a number of persons, found \"many\"",
        ),
        (
            cities("35.4287", "135.4287"),
            "cities.csv, line 2: expected degrees between -90 and 90, found \"135.4287\"",
        ),
        (
            cities("Qarchak,IR", "Qarchak,XX"),
            "cities.csv, line 2: expected an iso2 of countries.csv, found \"XX\"",
        ),
        (
            cities("32900,", "32767,"),
            "cities.csv, line 3: geonames_id \"32767\" is already that of line 2",
        ),
    ] {
        assert_eq!(refusal(&Files { cities: &changed, ..SHIPPED }), message);
    }
    let members = |from, to| replaced(SHIPPED.uccn_members, from, to);
    for (changed, message) in [
        (
            members(",literature,2004", ",literatur,2004"),
            "uccn_members.csv, line 2: expected a term of the vocabulary uccn-field, found \"literatur\"",
        ),
        (
            members("2650225", "1"),
            "uccn_members.csv, line 2: expected a geonames_id of cities.csv, found \"1\"",
        ),
        (
            members("S-repo-2024-10 S-repo", "S-repo-2024-11 S-repo"),
            "uccn_members.csv, line 2: expected the id of a source of uccn_sources.csv, found \"S-repo-2024-11\"",
        ),
        (
            members(",2004,unesco-page", ",04,unesco-page"),
            "uccn_members.csv, line 2: expected a year of four digits, found \"04\"",
        ),
        (
            members("slug,name_en", "name_en,slug"),
            "uccn_members.csv, line 1: expected the columns slug,name_en,name_vi,country_iso2,\
             country_basis,field,year_designated,year_basis,member_since_on_unesco_page,geonames_id,\
             lat,lon,unesco_page,sources, found name_en,slug,name_vi,country_iso2,country_basis,\
             field,year_designated,year_basis,member_since_on_unesco_page,geonames_id,lat,lon,\
             unesco_page,sources",
        ),
    ] {
        assert_eq!(refusal(&Files { uccn_members: &changed, ..SHIPPED }), message);
    }
}

#[test]
fn a_place_that_is_not_there_is_refused() {
    let regions = |from, to| replaced(SHIPPED.regions, from, to);
    for (changed, message) in [
        (
            regions("BN ID", "XX ID"),
            "regions.csv, line 24: expected an iso2 of countries.csv, found \"XX\"",
        ),
        (
            regions("Đông Nam Á,142", "Đông Nam Á,143"),
            "regions.csv, line 24: expected the code of an earlier row, found \"143\"",
        ),
        (
            regions("142,continent,AS", "142,continent,XX"),
            "countries.csv, line 3: expected a continent of regions.csv, found \"AS\"",
        ),
        (
            regions("035,world-region", "035,region"),
            "regions.csv, line 24: expected a term of the vocabulary region-kind, found \"region\"",
        ),
    ] {
        assert_eq!(refusal(&Files { regions: &changed, ..SHIPPED }), message);
    }
    let heritage = replaced(SHIPPED.world_heritage, "2000|2023", "2000|23");
    assert_eq!(
        refusal(&Files { world_heritage: &heritage, ..SHIPPED }),
        "world_heritage_vn.csv, line 2: expected a year of four digits, found \"23\""
    );
}

#[test]
fn a_conflict_that_contradicts_the_members_is_refused() {
    let conflicts = replaced(
        SHIPPED.uccn_conflicts,
        "krakow,year_designated,2013",
        "krakow,year_designated,2014",
    );

    assert_eq!(
        refusal(&Files { uccn_conflicts: &conflicts, ..SHIPPED }),
        "uccn_conflicts.csv, line 6: expected 2013, the year in uccn_members.csv, as the only preferred one, found 2014, \
         preferred"
    );
}

#[test]
fn a_statement_that_no_record_can_hold_is_refused() {
    let facts = replaced(SHIPPED.facts, r#""property": "promotes""#, r#""property": "praises""#);

    assert_eq!(
        refusal(&Files { facts: &facts, ..SHIPPED }),
        "facts.json, s109: expected a property that records can hold, found \"praises\""
    );
}

#[test]
fn an_id_that_stands_twice_is_refused() {
    let facts = replaced(SHIPPED.facts, r#""id": "s002""#, r#""id": "s001""#);

    assert_eq!(
        refusal(&Files { facts: &facts, ..SHIPPED }),
        "facts.json: id \"s001\" is already that of another entry"
    );
}

#[test]
fn no_file_that_is_cut_short_is_taken_or_panics() {
    for part in 0..5 {
        let cut = |text: &'static str| {
            let end = (0..=text.len() * part / 5).rev().find(|&end| text.is_char_boundary(end));
            &text[..end.unwrap_or(0)]
        };
        for files in [
            Files { article: cut(SHIPPED.article), ..SHIPPED },
            Files { facts: cut(SHIPPED.facts), ..SHIPPED },
            Files { countries: cut(SHIPPED.countries), ..SHIPPED },
            Files { cities: cut(SHIPPED.cities), ..SHIPPED },
            Files { regions: cut(SHIPPED.regions), ..SHIPPED },
            Files { uccn_sources: cut(SHIPPED.uccn_sources), ..SHIPPED },
            Files { vocabularies: cut(SHIPPED.vocabularies), ..SHIPPED },
        ] {
            assert!(load(&files).is_err(), "{part} of 5");
        }
        // What is left of these can be right.
        let _ = load(&Files { city_names: cut(SHIPPED.city_names), ..SHIPPED });
        let _ = load(&Files { uccn_members: cut(SHIPPED.uccn_members), ..SHIPPED });
        let _ = load(&Files { world_heritage: cut(SHIPPED.world_heritage), ..SHIPPED });
        let _ = load(&Files { uccn_conflicts: cut(SHIPPED.uccn_conflicts), ..SHIPPED });
    }
}
