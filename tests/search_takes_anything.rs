//! Whatever somebody types is searched for: no text fails, and none finds more than there is. What it costs, `bench/search`
//! says.

use std::sync::Arc;

use culturegraph::{
    progress::Silent,
    search::{self, Asked, Index, Question, matches, said},
};
use serde_json::json;

use crate::app::{Shipped, TestApp, chance::Chance};

on_both!(chance_finds_no_text_that_fails, chance_is_answered_by_the_server);

/// On each database.
const TEXTS: usize = 5_000;

const PIECES: &[&str] = &[
    "hà",
    "nội",
    "Hội An",
    "sáng tạo",
    "ngoại vụ",
    "london",
    "uc",
    "x",
    "đ",
    "ddoongf",
    "xuaan",
    "20",
    "13/12",
    "\u{301}",
    "\u{323}\u{302}",
    "\u{200b}",
    "\u{202e}",
    "🎨",
    "👩‍👩‍👧",
    "🇻🇳",
    "\0",
    "\n",
    "\t",
    " ",
    "  ",
    "\"",
    "'",
    "(",
    ")",
    "[",
    "AND",
    "OR NOT",
    "name:",
    "*",
    "~2",
    "^3",
    "\\",
    "/.*/",
    "{",
    "}",
    "+",
    "-",
    "ﬁ",
    "½",
    "㎞",
    "ß",
    "İ",
    "ǅ",
    "ا",
    "中文",
    "日本",
    "한국",
    "ไทย",
    "q̣̣̣̣̣̣̣̣",
    "—",
    "…",
    "“",
    "%00",
    "NULL",
    "1e309",
    "-1",
    "é",
    "ệ",
    "ő",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
];

/// A text by chance: some pieces, seldom ten thousand characters.
fn text(chance: &mut Chance) -> String {
    let mut text = String::new();
    if chance.one_in(50) {
        let piece = chance.pick(PIECES);
        return piece.repeat(10_000_usize.div_ceil(piece.chars().count()));
    }
    for _ in 0..chance.below(12) {
        text.push_str(chance.pick(PIECES));
        if chance.one_in(2) {
            text.push(' ');
        }
    }
    text
}

async fn chance_finds_no_text_that_fails(Shipped { db, .. }: Shipped) {
    let index = Arc::new(Index::in_memory(16_000_000).unwrap());
    search::fill(&index, &db.reader, &Silent).await.unwrap();
    let snapshot = index.current();
    let name = json!({ "names": [{ "lang": "vi", "value": "Thành phố Hà Nội, sáng tạo 🎨 20" }] });
    let city = culturegraph::record::catalog().named("City").unwrap();
    let mut chance = Chance::new(6);
    let mut found = 0;
    for _ in 0..TEXTS {
        let text = text(&mut chance);
        let question = Question { counts: chance.one_in(2), ..Question::of(&text, 20) };
        let all = snapshot.search(&question).unwrap();
        let counted: usize = all.facets.kinds.iter().map(|(_, count)| count).sum();
        assert!(all.total <= snapshot.len() && all.hits.len() == all.total.min(20), "{text:?}");
        assert!(!question.counts || counted == all.total, "{text:?}");
        assert!(all.hits.is_sorted_by(|a, b| a > b), "{text:?}");
        found += usize::from(all.total > 0);
        let groups = snapshot.suggest(&Question::of(&text, 3)).unwrap();
        assert!(groups.iter().all(|(_, hits)| (1..=3).contains(&hits.len())), "{text:?}");
        let letters = "Thành phố Hà Nội, sáng tạo 🎨 20".chars().count();
        for found in matches(&Asked::of(&text, &[]), &said(city, name.as_object().unwrap()), &[]) {
            let is_inside = |(start, end): &(usize, usize)| start < end && *end <= letters;
            assert!(found.highlights.iter().all(is_inside), "{text:?} {found:?}");
        }
    }
    assert!(found > TEXTS / 20, "{found} found something");
}

async fn chance_is_answered_by_the_server(app: TestApp) {
    let query = "query ($text: String!) { search(query: $text) { totalCount didYouMean facets { types { count } }
        edges { matches { value } } } suggest(prefix: $text) { type } }";
    let mut chance = Chance::new(7);
    for _ in 0..300 {
        let text = text(&mut chance);
        let answer = app.post(json!({ "query": query, "variables": { "text": text } })).await;
        // The index of an empty base is made at once, though not before the first request.
        let is_known = ["", "INDEX_BUILDING"].contains(&&*answer.code());
        assert!(is_known, "{text:?} {}", answer.text());
    }
    assert_eq!(app.data(query, json!({ "text": "x" })).await["search"]["totalCount"], 0);
}
