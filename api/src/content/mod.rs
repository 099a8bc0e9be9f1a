//! The domain: one file per record type, with its definition and what is special about it, and the values that records are
//! made of. What is the same for all types is in [`crate::record`].
use crate::{
    auth::{Key, Left},
    record::{
        Catalogued, Parts,
        def::{Def, def},
        federation, install,
        object::Object,
        root::{NODE, NODES},
        shape::{InputShape, JSON, ScalarType},
    },
};

pub mod any_record;
pub mod challenge;
pub mod change;
pub mod changed;
pub mod citation;
pub mod city;
pub mod claim;
mod claim_words;
pub mod commitment;
pub mod conflict;
pub mod country;
pub mod dataset;
mod diff;
pub mod document;
pub mod document_version;
pub mod event;
pub mod event_series;
pub mod field_period;
pub mod found_facets;
pub mod found_matches;
pub mod fuzzy_date;
pub mod goal;
pub mod heritage_property;
pub mod identifier;
pub mod initiative;
pub mod license;
pub mod link;
pub mod membership;
pub mod mention;
pub mod money;
pub mod monitoring_report;
pub mod mutation;
pub mod network;
pub mod office_holding;
pub mod official;
pub mod opportunity;
pub mod organization;
pub mod participation;
pub mod passage;
pub mod person;
pub mod place;
pub mod position;
pub mod presentation;
pub mod qualifier;
pub mod region;
pub mod search;
pub mod searched;
pub mod shared;
pub mod stakeholder;
pub mod suggest;
pub mod term;
pub mod text;
pub mod translation_gap;
pub mod viewer;
pub mod vocabulary;

/// All record types, in the order of `RecordType`.
fn record_types() -> Vec<&'static Def> {
    vec![
        def::<city::City>(),
        def::<region::Region>(),
        def::<country::Country>(),
        def::<person::Person>(),
        def::<organization::Organization>(),
        def::<position::Position>(),
        def::<office_holding::OfficeHolding>(),
        def::<network::Network>(),
        def::<membership::Membership>(),
        def::<field_period::FieldPeriod>(),
        def::<monitoring_report::MonitoringReport>(),
        def::<event::Event>(),
        def::<event_series::EventSeries>(),
        def::<participation::Participation>(),
        def::<presentation::Presentation>(),
        def::<goal::Goal>(),
        def::<opportunity::Opportunity>(),
        def::<challenge::Challenge>(),
        def::<initiative::Initiative>(),
        def::<commitment::Commitment>(),
        def::<stakeholder::Stakeholder>(),
        def::<heritage_property::HeritageProperty>(),
        def::<document::Document>(),
        def::<document_version::DocumentVersion>(),
        def::<passage::Passage>(),
        def::<citation::Citation>(),
        def::<claim::Claim>(),
        def::<link::Link>(),
        def::<mention::Mention>(),
        def::<vocabulary::Vocabulary>(),
        def::<term::Term>(),
        def::<dataset::Dataset>(),
    ]
}

/// Makes the catalog of the process; calling it again changes nothing.
pub fn define() {
    install(|| {
        let records = record_types();
        let (inputs, objects, mutations) = mutation::parts(&records);
        let mut parts = Parts {
            abstracts: vec![
                &shared::NODE,
                &shared::RECORD,
                &shared::DESCRIBED,
                &shared::CITABLE,
                &shared::AGENT,
                &organization::PLACE,
                &challenge::CITY_OR_MEMBERSHIP,
                &goal::GOAL_SUBJECT,
                &commitment::RECIPIENT,
                &federation::ENTITY,
            ],
            objects: vec![
                text::Wording::SHAPE,
                text::AlternateName::SHAPE,
                crate::value::edtf::FuzzyDate::SHAPE,
                place::GeoCoordinates::SHAPE,
                place::TextSpan::SHAPE,
                money::Money::SHAPE,
                identifier::Identifier::SHAPE,
                identifier::MATCH,
                search::CONNECTION,
                found_matches::MATCH,
                found_matches::Highlight::SHAPE,
                found_facets::FACETS,
                found_facets::TYPES,
                found_facets::COUNTRIES,
                found_facets::FIELDS,
                found_facets::YEARS,
                suggest::GROUP,
                search::EDGE,
                translation_gap::CONNECTION,
                translation_gap::EDGE,
                change::CONNECTION,
                change::EDGE,
                diff::FieldDiff::SHAPE,
                viewer::VIEWER,
                viewer::LIMITS,
                Left::SHAPE,
                Key::SHAPE,
                federation::SERVICE_TYPE,
            ],
            enums: vec![
                &shared::RANK,
                &shared::MODALITY,
                &shared::LINK_DIRECTION,
                &text::TEXT_ORIGIN,
                &text::NAME_SCOPE,
                &fuzzy_date::DATE_PRECISION,
                &identifier::EXACTNESS,
                &person::NAME_ORDER,
                &office_holding::END_KIND,
                &office_holding::CERTAINTY,
                &claim::CLAIM_PROPERTY,
                &claim::ABSENCE,
                &link::LINK_RELATION,
                &mutation::shapes::USER_ERROR_CODE,
                &mutation::shapes::CONFLICT_POLICY,
                &mutation::shapes::DELETE_POLICY,
                &change::CHANGE_OPERATION,
                &change::ACTOR_KIND,
                &viewer::SCOPE,
            ],
            inputs: vec![HELD_AT, search::FILTER],
            mutations,
            scalars: SCALARS.to_vec(),
            queries: vec![
                NODE,
                NODES,
                identifier::BY_IDENTIFIER,
                conflict::CONFLICTS,
                search::SEARCH,
                suggest::SUGGEST,
                translation_gap::TRANSLATION_GAPS,
                change::CHANGES,
                official::OFFICIALS,
                viewer::QUERY,
                federation::SERVICE,
                federation::ENTITIES,
            ],
            personal: vec![viewer::VIEWER.name],
            momentary: vec![search::CONNECTION.name, suggest::GROUP.name],
            streams: vec![changed::CHANGED],
        };
        parts.inputs.extend(inputs);
        parts.objects.extend(objects);
        Catalogued {
            records,
            views: vec![
                def::<conflict::Conflict>(),
                def::<license::License>(),
                def::<qualifier::Qualifier>(),
                def::<change::Change>(),
                def::<change::Changeset>(),
                def::<change::Actor>(),
            ],
            parts,
        }
    });
}

const HELD_AT: InputShape = InputShape::new(
    "HeldAtFilter",
    "Held on a day.",
    &[
        ("date", "Date!", "Day in question."),
        (
            "includeUnknown",
            "Boolean",
            "True: also where the answer is `POSSIBLE`; false when absent.",
        ),
    ],
);

const SCALARS: [ScalarType; 8] = [
    federation::ANY,
    JSON,
    ScalarType {
        name: "Lang",
        about: "A BCP 47 language tag, e.g. `vi` or `zh-Hant`; `und` for a language that is not known.",
        specified_by: "https://www.rfc-editor.org/rfc/rfc5646",
    },
    ScalarType {
        name: "Date",
        about: "A complete day of the Gregorian calendar, `YYYY-MM-DD`, without a time zone.",
        specified_by: "https://www.rfc-editor.org/rfc/rfc3339#section-5.6",
    },
    ScalarType {
        name: "DateTime",
        about: "An instant, RFC 3339; answers are in UTC and end in `Z`.",
        specified_by: "https://www.rfc-editor.org/rfc/rfc3339#section-5.6",
    },
    ScalarType {
        name: "Decimal",
        about: "An exact decimal number as a string, e.g. `\"1250000.50\"`.",
        specified_by: "https://www.w3.org/TR/xmlschema-2/#decimal",
    },
    ScalarType {
        name: "EDTF",
        about: "A date as a source has it, in the Extended Date/Time Format, e.g. `2019`, `2019-10-30`, `XXXX-12-13`.",
        specified_by: "https://www.loc.gov/standards/datetime/",
    },
    ScalarType {
        name: "URL",
        about: "An absolute http or https address.",
        specified_by: "https://url.spec.whatwg.org/",
    },
];
