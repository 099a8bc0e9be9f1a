//! What the answer to a mutation is asked to have, looked at before anything is written: what is done is not answered by an
//! error.
use crate::{
    content::change::Changeset,
    error::ApiError,
    record::{
        ask::{Ask, Selected},
        catalog,
        def::def,
        plan::Plan,
        root::RootCall,
    },
};

/// Whether a payload of this type can be answered.
pub(super) fn can_be_answered(call: RootCall<'_>, payload: &'static str) -> Result<(), ApiError> {
    let RootCall { ask, selected, .. } = call;
    for field in ask.select(payload, &selected.below()) {
        let planned = match field.name() {
            "__typename" | "deletedId" | "userErrors" => Ok(()),
            "changeset" => Plan::new(&ask.below(), def::<Changeset>(), &field.below()).map(drop),
            "records" => ask
                .select("KeyedRecord", &field.below())
                .iter()
                .filter(|inner| inner.name() == "record")
                .try_for_each(|inner| of_record(ask, inner).map_err(|it| it.below(inner.key))),
            _ => of_record(ask, &field),
        };
        planned.map_err(|error| error.below(field.key))?;
    }
    Ok(())
}

/// A record of the type that the field is named after, or of any.
fn of_record(ask: &Ask<'_>, field: &Selected<'_>) -> Result<(), ApiError> {
    let defs = catalog().defs().iter().copied();
    let of_name: Vec<_> = defs.clone().filter(|def| def.one == field.name()).collect();
    let defs = if of_name.is_empty() { defs.collect() } else { of_name };
    Plan::each(&ask.below(), defs, &field.below()).map(drop)
}
