//! Whole statements: one per list, relation, count or group, the same for all record types, for both databases.
use std::collections::BTreeMap;

use sea_orm::Value as Bind;

use super::{
    cell::Mask,
    def::{Def, Group, GroupOn},
    page::Listing,
    plan::Plan,
    pred::{Pred, Test},
    relation::{EdgeField, EdgeValue, KNOWN_LINKS, Many},
    sql::{Sql, T},
};

/// Exactly one key of a record.
#[derive(Clone, Debug)]
pub enum RecordKey {
    Id(String),
    Slug(String),
    Identifier { scheme: String, value: String },
    Column { column: usize, value: String },
}

impl Sql {
    /// A page of a root list, with one row more if there is a next page and it is asked for.
    pub fn list(postgres: bool, def: &Def, listing: &Listing, mask: Mask) -> Sql {
        let mut sql = Sql::new(postgres);
        sql.put("SELECT ")
            .columns(T, def, mask)
            .from(def)
            .put(" WHERE ")
            .conditions(def, listing, None);
        sql.put(" ORDER BY ").order(T, def, listing, None).put(" LIMIT ").number(listing.limit());
        sql
    }

    pub fn count(postgres: bool, def: &Def, condition: &Pred) -> Sql {
        let mut sql = Sql::new(postgres);
        sql.put("SELECT count(*)").from(def).put(" WHERE ").condition(T, condition, 0);
        sql
    }

    /// The rows of these ids.
    pub fn by_ids(postgres: bool, plan: &Plan<'_>) -> Sql {
        let mut sql = Sql::with_keys(postgres);
        sql.rows(plan).put(if postgres {
            " WHERE t.id = ANY($1)"
        } else {
            " WHERE t.id IN (SELECT value FROM json_each($1))"
        });
        sql
    }

    /// The row that a key of the key tables leads to.
    pub fn by_key(postgres: bool, plan: &Plan<'_>, key: &RecordKey) -> Sql {
        let mut sql = Sql::new(postgres);
        sql.rows(plan).put(" WHERE t.id = (");
        match key {
            RecordKey::Id(id) => {
                sql.put("SELECT coalesce(merged_into_id, id) FROM record WHERE public_id = ")
                    .bind(id.clone());
            }
            RecordKey::Slug(slug) => {
                sql.put("SELECT record_id FROM record_slug WHERE type = ")
                    .number(plan.def.code.into());
                sql.put(" AND slug = ").bind(slug.clone());
            }
            RecordKey::Identifier { scheme, value } => {
                sql.put("SELECT record_id FROM record_identifier WHERE scheme = ")
                    .bind(scheme.clone());
                sql.put(" AND value = ").bind(value.clone());
            }
            RecordKey::Column { column, value } => {
                sql.put("SELECT min(o.id) FROM ").put(&plan.def.table).put(" o WHERE ");
                sql.column("o", plan.def, *column).put(" = ").bind(value.clone());
            }
        }
        sql.put(")");
        sql
    }

    /// Rows with those that are joined to them, up to the condition.
    fn rows(&mut self, plan: &Plan<'_>) -> &mut Self {
        self.put("SELECT ").columns(T, plan.def, plan.mask);
        for (n, (_, joined)) in plan.joined().enumerate() {
            self.put(", ").columns(&format!("j{n}"), joined.plan.def, joined.plan.mask);
        }
        self.from(plan.def);
        for (n, (_, joined)) in plan.joined().enumerate() {
            let table = &joined.plan.def.table;
            self.put(&format!(" LEFT JOIN {table} j{n} ON j{n}.id = "));
            self.column(T, plan.def, joined.column);
        }
        self
    }

    /// Pages below many parents, whose ids are the first parameter. Each row begins with its parent, then the field of the
    /// edges if `extra` asks for it. The limit is applied per parent, inside.
    pub fn children(
        postgres: bool,
        many: &Many,
        listing: &Listing,
        mask: Mask,
        extra: bool,
    ) -> Sql {
        let def = (many.target)();
        let parent = if postgres { "k.id" } else { "k.value" };
        let scope = scope(listing);
        let filled =
            |sql: String| sql.replace("{t}", T).replace("{k}", parent).replace("{s}", scope);
        let on = many.source.condition(postgres, T, parent, scope);
        let edge = many.edge_sql().map(filled);
        let edge = edge.as_deref();
        // With the row of each edge, the way to the records is gone once, not again for each of them.
        let with_rows = match &many.edge {
            Some(EdgeField { value: EdgeValue::Through, .. }) if postgres && extra => {
                many.source.through().map(|through| filled(through.pairs()))
            }
            _ => None,
        };
        let mut sql = Sql::with_keys(postgres);
        let row = |sql: &mut Sql| {
            if with_rows.is_some() {
                sql.put("e.edge, ");
            } else if let (true, Some(edge)) = (extra, edge) {
                sql.put(edge).put(if postgres { " AS edge, " } else { ", " });
            }
            sql.columns(T, def, mask);
        };
        if postgres {
            // A LATERAL with a limit runs as a nested loop, which keeps the order of each parent's rows.
            sql.put("SELECT k.id, c.* FROM unnest($1) k(id) CROSS JOIN LATERAL (SELECT ");
            row(&mut sql);
            match &with_rows {
                Some(pairs) => sql
                    .put(&format!(" FROM ({pairs}) e JOIN {} t ON t.id = e.id WHERE ", def.table)),
                None => sql.from(def).put(" WHERE ").put(&on).put(" AND "),
            };
            sql.conditions(def, listing, edge).put(" ORDER BY ");
            sql.order(T, def, listing, edge).put(" LIMIT ").number(listing.limit()).put(") c");
        } else {
            sql.put("SELECT k.value, ");
            row(&mut sql);
            sql.put(" FROM json_each($1) k JOIN ")
                .put(&def.table)
                .put(" t ON t.id IN (SELECT t.id")
                .from(def);
            sql.put(" WHERE ")
                .put(&on)
                .put(" AND ")
                .conditions(def, listing, edge)
                .put(" ORDER BY ");
            sql.order(T, def, listing, edge).put(" LIMIT ").number(listing.limit());
            sql.put(") ORDER BY k.key, ").order(T, def, listing, edge);
        }
        sql
    }

    /// Numbers of rows below many parents, whose ids are the first parameter.
    pub fn child_counts(postgres: bool, many: &Many, listing: &Listing) -> Sql {
        let def = (many.target)();
        let (parent, keys) =
            if postgres { ("k.id", "unnest($1) k(id)") } else { ("k.value", "json_each($1) k") };
        let on = many.source.condition(postgres, T, parent, scope(listing));
        let mut sql = Sql::with_keys(postgres);
        sql.put("SELECT ")
            .put(parent)
            .put(", (SELECT count(*)")
            .from(def)
            .put(" WHERE ")
            .put(&on)
            .put(" AND ");
        sql.condition(T, &listing.condition, 0).put(") FROM ").put(keys);
        sql
    }

    /// Counts by keys: a row has the keys, the group's count, the number of groups and of all records, each counted once
    /// whatever the number of its groups.
    pub fn groups(
        postgres: bool,
        def: &Def,
        condition: &Pred,
        keys: &[&Group],
        by_key: bool,
        first: usize,
    ) -> Sql {
        let mut sql = Sql::new(postgres);
        sql.put("SELECT ");
        let mut joins = String::new();
        for (place, key) in keys.iter().enumerate() {
            match (key.on, key.linked(def)) {
                (GroupOn::Column(column), _) => sql.column(T, def, column).put(", "),
                (GroupOn::Linked { .. }, linked) => {
                    let pairs = linked.unwrap_or_default();
                    joins += &format!(" LEFT JOIN ({pairs}) k{place} ON k{place}.here = {T}.id");
                    sql.put("k").number(place).put(".there, ")
                }
            };
        }
        sql.put("count(*), count(*) OVER (), ");
        if joins.is_empty() {
            sql.put("CAST(sum(count(*)) OVER () AS ");
            sql.put(if postgres { "bigint)" } else { "integer)" });
        } else {
            sql.put("(SELECT count(*)")
                .from(def)
                .put(" WHERE ")
                .condition(T, condition, 0)
                .put(")");
        }
        sql.from(def).put(&joins).put(" WHERE ").condition(T, condition, 0);
        sql.put(" GROUP BY ");
        sql.separated(1..=keys.len(), ", ", |sql, place| {
            sql.number(place);
        });
        sql.put(" ORDER BY ");
        if !by_key {
            sql.number(keys.len() + 1).put(" DESC, ");
        }
        sql.separated(1..=keys.len(), ", ", |sql, place| {
            sql.number(place).put(" ASC NULLS LAST");
        });
        sql.put(" LIMIT ").number(first);
        sql
    }

    /// The records of many public ids: public id asked for, internal id.
    pub fn ids(postgres: bool, public_ids: &[String]) -> Sql {
        let mut sql = Sql::new(postgres);
        sql.put("SELECT k.public_id, coalesce(k.merged_into_id, k.id) FROM record k WHERE ");
        sql.test("k.public_id", &Test::In(public_ids.iter().map(Bind::from).collect()));
        sql
    }

    /// The records that these public ids have ever been of: public id, internal id, and that of the record that stayed.
    pub fn all_ids(postgres: bool, public_ids: &[String]) -> Sql {
        let mut sql = Sql::new(postgres);
        sql.put("SELECT k.public_id, k.id, coalesce(k.merged_into_id, k.id) FROM record k WHERE ");
        sql.test("k.public_id", &Test::In(public_ids.iter().map(Bind::from).collect()));
        sql
    }

    /// The records of many slugs, by the number of their type: number, slug, internal id.
    pub fn slugs(postgres: bool, slugs: &BTreeMap<u16, Vec<String>>) -> Sql {
        let mut sql = Sql::new(postgres);
        sql.put("SELECT k.type, k.slug, k.record_id FROM record_slug k WHERE FALSE");
        for (code, slugs) in slugs {
            sql.put(" OR k.type = ").number((*code).into());
            sql.put(" AND ").test("k.slug", &Test::In(slugs.iter().map(Bind::from).collect()));
        }
        sql
    }

    /// The records of many identifiers of a scheme: value, exactness, internal id.
    pub fn identifiers(postgres: bool, scheme: &str, values: &[String]) -> Sql {
        let mut sql = Sql::new(postgres);
        sql.put(
            "SELECT k.value, k.exactness, k.record_id FROM record_identifier k WHERE k.scheme = ",
        )
        .bind(scheme);
        sql.put(" AND ").test("k.value", &Test::In(values.iter().map(Bind::from).collect()));
        sql
    }
}

fn scope(listing: &Listing) -> &str {
    listing.scope.sql.as_deref().unwrap_or(KNOWN_LINKS)
}
