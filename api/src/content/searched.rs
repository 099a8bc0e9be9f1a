//! What search takes of a record from elsewhere, in SQL, with `{t}` for the alias of the record's table.

/// The country of its city.
pub const COUNTRY_OF_CITY: &str = "(SELECT c.country_id FROM city c WHERE c.id = {t}.city_id)";

/// The country of its jurisdiction, which is a city's or a country.
pub const COUNTRY_OF_JURISDICTION: &str = "(SELECT coalesce(c.country_id, n.id) FROM record j \
     LEFT JOIN city c ON c.id = j.id LEFT JOIN country n ON n.id = j.id WHERE j.id = {t}.jurisdiction_id)";

/// The country of its organization.
pub const COUNTRY_OF_ORGANIZATION: &str = "(SELECT coalesce(c.country_id, n.id) FROM organization o \
     LEFT JOIN city c ON c.id = o.jurisdiction_id LEFT JOIN country n ON n.id = o.jurisdiction_id \
     WHERE o.id = {t}.organization_id)";

/// The country of its subject, a city or an organization.
pub const COUNTRY_OF_SUBJECT: &str = "(SELECT coalesce(c.country_id, d.country_id, n.id) FROM record s \
     LEFT JOIN city c ON c.id = s.id LEFT JOIN organization o ON o.id = s.id \
     LEFT JOIN city d ON d.id = o.jurisdiction_id LEFT JOIN country n ON n.id = o.jurisdiction_id \
     WHERE s.id = {t}.subject_id)";

/// The country that the office belongs to which somebody was last recorded in.
pub const COUNTRY_OF_OFFICE: &str = "(SELECT coalesce(c.country_id, n.id) FROM office_holding h \
     JOIN position p ON p.id = h.position_id JOIN organization o ON o.id = p.organization_id \
     LEFT JOIN city c ON c.id = o.jurisdiction_id LEFT JOIN country n ON n.id = o.jurisdiction_id \
     WHERE h.person_id = {t}.id AND h.rank <> 'DEPRECATED' ORDER BY h.id DESC LIMIT 1)";

/// Who is of the country of one of these positions, or of their organizations, by an office.
pub const PERSONS_OF_PLACE: &str =
    "SELECT h.person_id FROM office_holding h WHERE h.position_id = {list}";

/// The country that a link says it lies in, itself or by a city.
pub const COUNTRY_OF_LOCATION: &str = "(SELECT coalesce(c.country_id, n.id) FROM link l \
     LEFT JOIN city c ON c.id = l.to_id LEFT JOIN country n ON n.id = l.to_id \
     WHERE l.from_id = {t}.id AND l.relation = 'LOCATED_IN' AND l.rank <> 'DEPRECATED' \
     AND coalesce(c.country_id, n.id) IS NOT NULL ORDER BY l.id LIMIT 1)";

/// What lies in one of these.
pub const LOCATED_IN_PLACE: &str =
    "SELECT l.from_id FROM link l WHERE l.relation = 'LOCATED_IN' AND l.to_id = {list}";

/// The field of the membership that a city has begun last.
pub const FIELD_OF_MEMBERSHIP: &str = "(SELECT f.field_id FROM membership m JOIN field_period f ON f.membership_id = m.id \
     WHERE m.city_id = {t}.id AND m.rank <> 'DEPRECATED' AND f.rank <> 'DEPRECATED' \
     ORDER BY m.start_latest DESC NULLS LAST, f.start_latest DESC NULLS LAST, f.id DESC LIMIT 1)";

pub const START_YEAR: &str = "CAST(substr({t}.start_earliest, 1, 4) AS INTEGER)";
