//! Translation gaps: described records with a text in one language that they lack in another, over all types at once.
use std::fmt::Write;

use sea_orm::Value as Bind;
use sha2::{Digest, Sha256};

use super::{
    ask::Selected,
    cell::Row,
    def::{Def, Words},
    filter,
    found::{Found, FoundPage, FoundPlan},
    json,
    page::{cursor, open_cursor, page_size},
    root::RootCall,
    sql::{Sql, T},
};
use crate::{error::ApiError, value::lang::Lang};

/// What is looked for, and where.
pub struct Gaps {
    pub from: Lang,
    pub to: Lang,
    /// In the order in which they are shown.
    pub types: Vec<&'static Def>,
}

/// Where a page begins: after this record of the types.
struct After {
    kind: usize,
    slug: String,
}

impl Gaps {
    /// A page of the records, by type and slug, each with the names of its fields that have a gap.
    pub async fn page(
        &self,
        call: RootCall<'_>,
        plan: &FoundPlan<'_>,
    ) -> Result<FoundPage, ApiError> {
        let RootCall { reader, ask, selected } = call;
        let size = page_size(ask, selected.field())?;
        let after = self.after(call)?;
        let mut page = FoundPage {
            records: Vec::new(),
            has_previous: after.is_some(),
            has_next: false,
            end: None,
            total: 0,
            own: Vec::new(),
        };
        if self.types.is_empty() {
            return Ok(page);
        }
        if plan.total {
            let rows = reader.rows(self.count(reader.postgres)?).await?;
            page.total = rows.first().and_then(|row| row.int(0)).unwrap_or_default();
        }
        if plan.rows {
            let limit = size + usize::from(plan.looks_ahead);
            let rows = reader.rows(self.select(reader.postgres, after.as_ref(), limit)?).await?;
            page.has_next = rows.len() > size;
            page.records = rows.iter().take(size).filter_map(|row| self.found(row, plan)).collect();
        }
        Ok(page)
    }

    fn found(&self, row: &Row, plan: &FoundPlan<'_>) -> Option<Found> {
        let kind = usize::try_from(row.int(0)?).ok()?;
        let (id, slug, fields) = (row.int(1)?, row.text(2)?, row.text(3)?);
        let mut edge = Vec::new();
        json::list(&mut edge, json::ARRAY, fields.split_whitespace(), json::string);
        let code = self.types.get(kind)?.code;
        let cursor = cursor(self.shape(), &serde_json::json!([code, slug]).to_string());
        Some(Found { id, cursor, edge: vec![edge; plan.edge.len()] })
    }

    fn after(
        &self,
        RootCall { ask, selected, .. }: RootCall<'_>,
    ) -> Result<Option<After>, ApiError> {
        let Some(async_graphql::Value::String(given)) =
            ask.given(Selected::field(selected), "after")
        else {
            return Ok(None);
        };
        let values = open_cursor(self.shape(), &given)?;
        let read = || {
            let code = values.first()?.as_u64()?;
            let kind = self.types.iter().position(|def| u64::from(def.code) == code)?;
            let slug = values.get(1)?.as_str().filter(|slug| !slug.contains('\0'))?;
            Some(After { kind, slug: slug.to_owned() })
        };
        read().map(Some).ok_or_else(super::page::broken_cursor)
    }

    /// A cursor holds for the same languages and types only.
    fn shape(&self) -> [u8; 6] {
        let codes: Vec<u16> = self.types.iter().map(|def| def.code).collect();
        let digest = Sha256::digest(format!("gaps {} {} {codes:?}", self.from, self.to));
        std::array::from_fn(|i| digest[i])
    }

    fn select(&self, postgres: bool, after: Option<&After>, limit: usize) -> Result<Sql, ApiError> {
        let begins = after.map_or(0, |after| after.kind);
        let mut sql = self.begun(postgres);
        sql.put("SELECT g.kind, g.id, g.slug, g.fields FROM (");
        for (kind, def) in self.types.iter().enumerate().skip(begins) {
            if kind > begins {
                sql.put(" UNION ALL ");
            }
            // In brackets of its own, for the limit; without it each type would be read to its end.
            sql.put("SELECT * FROM (SELECT ")
                .number(kind)
                .put(" AS kind, t.id AS id, t.slug AS slug, ");
            let names = def.words.iter().map(|words| {
                format!(
                    "CASE WHEN {} THEN '{} ' ELSE '' END",
                    gap(postgres, def, words),
                    words.field
                )
            });
            sql.separated(names, " || ", |sql, name| {
                sql.put(&name);
            });
            sql.put(" AS fields");
            self.conditions(&mut sql, def)?;
            if let Some(after) = after.filter(|after| after.kind == kind) {
                sql.put(" AND t.slug > ").bind(after.slug.clone());
            }
            sql.put(" ORDER BY t.slug LIMIT ").number(limit).put(") x").number(kind);
        }
        sql.put(") g ORDER BY g.kind, g.slug LIMIT ").number(limit);
        Ok(sql)
    }

    fn count(&self, postgres: bool) -> Result<Sql, ApiError> {
        let mut sql = self.begun(postgres);
        sql.put("SELECT CAST(sum(g.records) AS ").put(if postgres { "bigint" } else { "integer" });
        sql.put(") FROM (");
        for (kind, def) in self.types.iter().enumerate() {
            sql.put(if kind > 0 { " UNION ALL " } else { "" }).put("SELECT count(*) AS records");
            self.conditions(&mut sql, def)?;
        }
        sql.put(") g");
        Ok(sql)
    }

    /// A statement whose first parameters are what stands in a text for each of the languages.
    fn begun(&self, postgres: bool) -> Sql {
        let mut sql = Sql::new(postgres);
        let stands = |lang: &Lang| {
            Bind::from(match postgres {
                true => format!("[{{\"lang\":\"{lang}\"}}]"),
                // Texts are stored without blanks, and quotes inside a wording are escaped: this stands nowhere else.
                false => format!("\"lang\":\"{lang}\""),
            })
        };
        sql.binds = vec![stands(&self.from), stands(&self.to)];
        sql
    }

    fn conditions(&self, sql: &mut Sql, def: &'static Def) -> Result<(), ApiError> {
        let shown = filter::parse(def, None)?;
        sql.from(def).put(" WHERE ").condition(T, &shown, 0).put(" AND (");
        let postgres = sql.postgres;
        sql.separated(&def.words, " OR ", |sql, words| {
            sql.put(&gap(postgres, def, words));
        });
        sql.put(")");
        Ok(())
    }
}

/// Whether a text, or one of a list of texts, has the first language and lacks the second.
fn gap(postgres: bool, def: &Def, words: &Words) -> String {
    let column = format!("{T}.{}", def.columns[words.column].name);
    let one = |text: &str| match postgres {
        true => format!(
            "CAST({text} AS jsonb) @> CAST($1 AS jsonb) AND NOT CAST({text} AS jsonb) @> CAST($2 AS jsonb)"
        ),
        false => format!("instr({text}, $1) > 0 AND instr({text}, $2) = 0"),
    };
    let mut sql = String::new();
    // Writing into a string cannot fail.
    let _ = match (words.is_list, postgres) {
        (false, _) => write!(sql, "({})", one(&column)),
        (true, true) => write!(
            sql,
            "EXISTS (SELECT 1 FROM json_array_elements({column}) e(value) WHERE {})",
            one("e.value")
        ),
        (true, false) => {
            write!(sql, "EXISTS (SELECT 1 FROM json_each({column}) e WHERE {})", one("e.value"))
        }
    };
    sql
}
