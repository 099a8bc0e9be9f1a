//! The list of all settings: a line for each in the help, and how its text becomes a value.
use super::{Config, value};

pub(super) struct Setting {
    pub name: &'static str,
    /// What stands for the value in the help.
    pub value: &'static str,
    pub help: &'static str,
    /// Takes a value as it was written. The error is what was expected instead.
    pub set: fn(&mut Config, &str) -> Result<(), String>,
}

pub(super) fn names() -> impl Iterator<Item = &'static str> {
    SETTINGS.iter().map(|setting| setting.name)
}

/// The most points of a minute, so that they fit into an `Int` of the API.
pub(super) const COST_MAX: u32 = 2_000_000_000;

pub(super) const SETTINGS: &[Setting] = &[
    Setting {
        name: "database-url",
        value: "URL",
        help: "sqlite://file or postgres://user:password@host/name [default: sqlite://culturegraph.db]",
        set: |config, text| value::database_url(text).map(|it| config.database_url = it),
    },
    Setting {
        name: "connections",
        value: "NUMBER",
        help: "Connections that read at the same time [default: 8]",
        set: |config, text| value::number(text, 1..=500).map(|it| config.connections = it),
    },
    Setting {
        name: "listen",
        value: "ADDRESS",
        help: "Address and port to listen on [default: 127.0.0.1:8000]",
        set: |config, text| value::address(text).map(|it| config.listen = it),
    },
    Setting {
        name: "max-connections",
        value: "NUMBER",
        help: "Connections of clients at the same time; others wait [default: 900]",
        set: |config, text| value::number(text, 1..=100_000).map(|it| config.max_connections = it),
    },
    Setting {
        name: "idle-timeout",
        value: "TIME",
        help: "How long a connection may be without a request, or take to send its headers [default: 75s]",
        set: |config, text| value::duration(text).map(|it| config.idle_timeout = it),
    },
    Setting {
        name: "public-url",
        value: "URL",
        help: "Where users reach the server, if not where it listens",
        set: |config, text| value::public_url(text).map(|it| config.public_url = Some(it)),
    },
    Setting {
        name: "allowed-origins",
        value: "ORIGINS",
        help: "Origins whose pages may ask, with commas between them; * is all [default: *]",
        set: |config, text| value::origins(text).map(|it| config.allowed_origins = it),
    },
    Setting {
        name: "anonymous-reads",
        value: "BOOL",
        help: "Let those read who have no key [default: true]",
        set: |config, text| value::boolean(text).map(|it| config.anonymous_reads = it),
    },
    Setting {
        name: "key-cost",
        value: "POINTS",
        help: "Cost that a key may spend in a minute if it has no limit of its own [default: 5000000]",
        set: |config, text| value::number(text, 1..=COST_MAX).map(|it| config.key_cost = it),
    },
    Setting {
        name: "anonymous-cost",
        value: "POINTS",
        help: "Cost that an address may spend in a minute without a key [default: 2000000]",
        set: |config, text| value::number(text, 1..=COST_MAX).map(|it| config.anonymous_cost = it),
    },
    Setting {
        name: "trusted-proxies",
        value: "NETWORKS",
        help: "Proxies whose X-Forwarded-For is believed: addresses or networks as 10.0.0.0/8, with commas between them",
        set: |config, text| value::proxies(text).map(|it| config.trusted_proxies = it),
    },
    Setting {
        name: "serve-full-text",
        value: "BOOL",
        help: "Serve stored texts of third parties whole [default: false]",
        set: |config, text| value::boolean(text).map(|it| config.serve_full_text = it),
    },
    Setting {
        name: "show-statements",
        value: "BOOL",
        help: "Tell in each answer how many SQL statements it took, and how long each level [default: false]",
        set: |config, text| value::boolean(text).map(|it| config.show_statements = it),
    },
    Setting {
        name: "introspection",
        value: "BOOL",
        help: "Tell of the schema, also in the advice of error messages [default: true]",
        set: |config, text| value::boolean(text).map(|it| config.introspection = it),
    },
    Setting {
        name: "max-body-bytes",
        value: "BYTES",
        help: "Largest body of a request [default: 1048576]",
        set: |config, text| {
            value::number(text, 1024..=64 * 1024 * 1024).map(|it| config.max_body_bytes = it)
        },
    },
    Setting {
        name: "max-answer-bytes",
        value: "BYTES",
        help: "Largest answer [default: 8388608]",
        set: |config, text| {
            value::number(text, 1024..=1 << 30).map(|it| config.max_answer_bytes = it)
        },
    },
    Setting {
        name: "max-batch",
        value: "NUMBER",
        help: "Most operations of one request; 0 takes no lists of operations [default: 0]",
        set: |config, text| value::number(text, 0..=100).map(|it| config.max_batch = it),
    },
    Setting {
        name: "max-characters",
        value: "NUMBER",
        help: "Most characters of a document [default: 15000]",
        set: |config, text| {
            value::number(text, 1..=1_000_000).map(|it| config.limits.characters = it)
        },
    },
    Setting {
        name: "max-tokens",
        value: "NUMBER",
        help: "Most tokens of a document [default: 2000]",
        set: |config, text| value::number(text, 1..=1_000_000).map(|it| config.limits.tokens = it),
    },
    Setting {
        name: "max-operations",
        value: "NUMBER",
        help: "Most operations of a document [default: 20]",
        set: |config, text| {
            value::number(text, 1..=1_000_000).map(|it| config.limits.operations = it)
        },
    },
    Setting {
        name: "max-selections",
        value: "NUMBER",
        help: "Most selections of a document, its fragments opened [default: 5000]",
        set: |config, text| {
            value::number(text, 1..=1_000_000_000).map(|it| config.limits.selections = it)
        },
    },
    Setting {
        name: "max-depth",
        value: "NUMBER",
        help: "Most fields inside each other [default: 12]",
        set: |config, text| value::number(text, 1..=32).map(|it| config.limits.depth = it),
    },
    Setting {
        name: "max-introspection-depth",
        value: "NUMBER",
        help: "Most fields inside each other below __schema and __type [default: 20]",
        set: |config, text| {
            value::number(text, 1..=32).map(|it| config.limits.introspection_depth = it)
        },
    },
    Setting {
        name: "max-aliases",
        value: "NUMBER",
        help: "Most aliases of a document, its fragments opened [default: 30]",
        set: |config, text| {
            value::number(text, 1..=1_000_000_000).map(|it| config.limits.aliases = it)
        },
    },
    Setting {
        name: "max-root-fields",
        value: "NUMBER",
        help: "Most fields of an operation's root [default: 20]",
        set: |config, text| {
            value::number(text, 1..=1_000_000_000).map(|it| config.limits.root_fields = it)
        },
    },
    Setting {
        name: "max-directives",
        value: "NUMBER",
        help: "Most directives of a document, its fragments opened [default: 50]",
        set: |config, text| {
            value::number(text, 1..=1_000_000_000).map(|it| config.limits.directives = it)
        },
    },
    Setting {
        name: "max-cost",
        value: "NUMBER",
        help: "Most records that an operation could read [default: 100000]",
        set: |config, text| {
            value::number(text, 1..=1_000_000_000).map(|it| config.limits.cost = it)
        },
    },
    Setting {
        name: "document-cache-bytes",
        value: "BYTES",
        help: "Memory for documents that have run before; 0 remembers none [default: 16777216]",
        set: |config, text| {
            value::number(text, 0..=1 << 30).map(|it| config.document_cache_bytes = it)
        },
    },
    Setting {
        name: "request-timeout",
        value: "TIME",
        help: "How long a request may take, as 10s or 500ms [default: 10s]",
        set: |config, text| value::duration(text).map(|it| config.request_timeout = it),
    },
    Setting {
        name: "max-streams",
        value: "NUMBER",
        help: "Sockets and event streams that are open at the same time; 0 takes none [default: 1000]",
        set: |config, text| value::number(text, 0..=100_000).map(|it| config.max_streams = it),
    },
    Setting {
        name: "socket-streams",
        value: "NUMBER",
        help: "Operations that run at the same time on one socket [default: 100]",
        set: |config, text| value::number(text, 1..=10_000).map(|it| config.socket_streams = it),
    },
    Setting {
        name: "keep-alive",
        value: "TIME",
        help: "How often sockets and event streams give a sign of life [default: 15s]",
        set: |config, text| value::duration(text).map(|it| config.keep_alive = it),
    },
    Setting {
        name: "search-folder",
        value: "PATH",
        help: "Folder of the search index, or memory [default: beside the database]",
        set: |config, text| value::folder(text).map(|it| config.search_folder = it),
    },
    Setting {
        name: "search-memory-bytes",
        value: "BYTES",
        help: "Memory for what is not written to the search index yet [default: 50000000]",
        set: |config, text| {
            value::number(text, 16_000_000..=1 << 32).map(|it| config.search_memory_bytes = it)
        },
    },
    Setting {
        name: "follow-interval",
        value: "TIME",
        help: "How often the change log is looked at for subscriptions and search [default: 250ms]",
        set: |config, text| value::duration(text).map(|it| config.follow_interval = it),
    },
    Setting {
        name: "log-format",
        value: "FORMAT",
        help: "text, json, or auto: text on a terminal and json elsewhere [default: auto]",
        set: |config, text| value::log_format(text).map(|it| config.log_format = it),
    },
    Setting {
        name: "log-level",
        value: "LEVEL",
        help: "off, error, warn, info, debug or trace [default: info]",
        set: |config, text| value::log_level(text).map(|it| config.log_level = it),
    },
];
