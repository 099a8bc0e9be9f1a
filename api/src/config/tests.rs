use clap::Parser;

use super::*;

const NOTHING: [(&str, &str); 0] = [];

fn read<const N: usize>(
    flags: Flags,
    environment: [(&str, &str); N],
) -> Result<Config, ConfigError> {
    Config::read(&flags, environment.map(|(name, value)| (name.into(), value.into())))
}

fn listening(at: &str) -> Flags {
    Flags { config: None, settings: BTreeMap::from([("listen", at.into())]) }
}

fn file(name: &str, text: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("culturegraph-{}-{name}", std::process::id()));
    fs::write(&path, text).unwrap();
    path
}

#[test]
fn nothing_given_is_the_defaults() {
    assert_eq!(read(Flags::default(), NOTHING).unwrap(), Config::default());
}

#[test]
fn a_flag_wins_over_the_environment_and_that_over_the_file() {
    let path = file("order.toml", "listen = '0.0.0.0:1'\nconnections = 3\nlog-level = 'warn'");
    let flags = Flags { config: Some(path.clone()), ..listening("0.0.0.0:3") };
    let environment = [("CULTUREGRAPH_LISTEN", "0.0.0.0:2"), ("CULTUREGRAPH_CONNECTIONS", "2")];

    let config = read(flags, environment).unwrap();

    fs::remove_file(path).unwrap();
    assert_eq!(config.listen.port(), 3);
    assert_eq!(config.connections, 2);
    assert_eq!(config.log_level, LevelFilter::WARN);
}

#[test]
fn the_environment_can_name_the_file() {
    let path = file(
        "all.toml",
        "database-url = 'postgres://me@host/name'\npublic-url = 'https://culture.example/api'\n\
         serve-full-text = true\nshow-statements = true\nmax-body-bytes = 2048\n\
         request-timeout = '1m'\nlog-format = 'json'",
    );

    let config = read(Flags::default(), [("CULTUREGRAPH_CONFIG", path.to_str().unwrap())]).unwrap();

    fs::remove_file(path).unwrap();
    assert_eq!(config.database_url.as_str(), "postgres://me@host/name");
    assert_eq!(config.public_url.unwrap().as_str(), "https://culture.example/api");
    assert!(config.serve_full_text && config.show_statements);
    assert_eq!(config.max_body_bytes, 2048);
    assert_eq!(config.request_timeout, Duration::from_secs(60));
    assert_eq!(config.log_format, Some(LogFormat::Json));
}

#[test]
fn a_wrong_value_is_one_line_that_says_all() {
    let flags = listening("8000\n");

    let error = read(flags, NOTHING).unwrap_err().to_string();

    assert_eq!(
        error,
        "setting `listen` is wrong: the flag --listen gives \"8000\\n\", expected an IP address and a port, \
         such as 127.0.0.1:8000"
    );
}

#[test]
fn wrong_values_are_refused() {
    let wrong = [
        ("DATABASE_URL", "mysql://host/name"),
        ("DATABASE_URL", "culturegraph.db"),
        ("DATABASE_URL", "sqlite://"),
        ("DATABASE_URL", "sqlite::memory:"),
        ("DATABASE_URL", "sqlite://a.db?mode=memory"),
        ("DATABASE_URL", "sqlite://a.db?mode=sideways"),
        ("DATABASE_URL", "postgres://host:port/name"),
        ("CONNECTIONS", "0"),
        ("CONNECTIONS", "-1"),
        ("CONNECTIONS", "501"),
        ("CONNECTIONS", ""),
        ("LISTEN", "localhost"),
        ("PUBLIC_URL", "ftp://culture.example"),
        ("PUBLIC_URL", "culture.example"),
        ("PUBLIC_URL", "https://culture.example/?a"),
        ("ANONYMOUS_READS", "no"),
        ("KEY_COST", "0"),
        ("ANONYMOUS_COST", "2000000001"),
        ("TRUSTED_PROXIES", "localhost"),
        ("TRUSTED_PROXIES", "10.0.0.0/33"),
        ("TRUSTED_PROXIES", "10.0.0.0/8;::1"),
        ("SERVE_FULL_TEXT", "yes"),
        ("SHOW_STATEMENTS", "1"),
        ("MAX_BODY_BYTES", "1MB"),
        ("MAX_BODY_BYTES", "99999999999999999999"),
        ("REQUEST_TIMEOUT", "0"),
        ("REQUEST_TIMEOUT", "10 s"),
        ("REQUEST_TIMEOUT", "s"),
        ("REQUEST_TIMEOUT", "9999999999999999999m"),
        ("LOG_FORMAT", "xml"),
        ("LOG_LEVEL", "loud"),
    ];
    for (name, value) in wrong {
        let variable = format!("CULTUREGRAPH_{name}");
        let error = read(Flags::default(), [(&*variable, value)]).unwrap_err();

        let message = error.to_string();
        assert!(matches!(error, ConfigError::Value { .. }), "{message}");
        assert!(message.contains(&variable) && !message.contains('\n'), "{message}");
    }
}

#[test]
fn proxies_are_known_by_their_networks() {
    let environment = [("CULTUREGRAPH_TRUSTED_PROXIES", "10.0.0.0/8, 192.0.2.7,2001:db8::/32,")];

    let proxies = read(Flags::default(), environment).unwrap().trusted_proxies;

    for (address, is_trusted) in [
        ("10.255.0.1", true),
        ("11.0.0.1", false),
        ("192.0.2.7", true),
        ("192.0.2.8", false),
        ("::ffff:10.0.0.1", true),
        ("2001:db8:ffff::1", true),
        ("2001:db9::1", false),
        ("::1", false),
    ] {
        assert_eq!(proxies.contains(address.parse().unwrap()), is_trusted, "{address}");
    }
    assert!(!Config::default().trusted_proxies.contains("127.0.0.1".parse().unwrap()));
    let all = Proxies::parse("0.0.0.0/0, ::/0").unwrap();
    assert!(all.contains("192.0.2.1".parse().unwrap()) && all.contains("::1".parse().unwrap()));
}

#[test]
fn an_unknown_name_in_the_file_is_refused() {
    let path = file("unknown.toml", "listn = '0.0.0.0:1'");

    let error = read(Flags { config: Some(path.clone()), ..Flags::default() }, NOTHING);

    fs::remove_file(path).unwrap();
    let error = error.unwrap_err();
    assert!(matches!(&error, ConfigError::Unknown { name, .. } if name == "listn"));
}

#[test]
fn an_unknown_variable_is_told_of_and_stops_nothing() {
    let environment = [
        ("CULTUREGRAPH_LISTN", "0.0.0.0:1"),
        ("CULTUREGRAPH_URL", "http://127.0.0.1:8000"),
        ("CULTUREGRAPH_", "a"),
        ("CULTUREGRAPH_LOG_LEVEL", "info"),
        ("CULTUREGRAPH_CONFIG", "a.toml"),
        ("CULTUREGRAPH_PORT", "tcp://10.0.0.1:80"),
        ("OTHER", "a"),
    ];

    let unknown = unknown_variables(environment.map(|(name, value)| (name.into(), value.into())));

    let of = |name: &str, advice: &str| {
        format!("the environment variable CULTUREGRAPH_{name} names no setting{advice}")
    };
    let expected = [
        of("LISTN", "; is CULTUREGRAPH_LISTEN meant?"),
        of("URL", "; is CULTUREGRAPH_PUBLIC_URL meant?"),
        of("", ""),
    ];
    assert_eq!(unknown, expected);
    assert_eq!(read(Flags::default(), [environment[1]]).unwrap(), Config::default());
}

#[test]
fn what_kubernetes_sets_is_not_ours() {
    let environment = [
        ("CULTUREGRAPH_SERVICE_HOST", "10.0.0.1"),
        ("CULTUREGRAPH_PORT", "tcp://10.0.0.1:80"),
        ("CULTUREGRAPH_PORT_80_TCP_ADDR", "10.0.0.1"),
    ];

    assert_eq!(read(Flags::default(), environment).unwrap(), Config::default());
}

#[test]
fn a_file_that_cannot_be_used_is_one_line() {
    for (name, text, part) in [
        ("syntax.toml", "listen = '0.0.0.0:1'\nconnections = = 3", "line 2"),
        ("twice.toml", "connections = 1\nconnections = 2", "line 2"),
        ("type.toml", "listen = ['0.0.0.0:1']", "a value of type array"),
        ("table.toml", "[server]\nlisten = '0.0.0.0:1'", "no setting `server`"),
    ] {
        let path = file(name, text);

        let error =
            read(Flags { config: Some(path.clone()), ..Flags::default() }, NOTHING).unwrap_err();

        fs::remove_file(path).unwrap();
        let message = error.to_string();
        assert!(message.contains(part) && message.contains(name), "{message}");
        assert!(!message.contains('\n'), "{message}");
    }
    let missing = Flags { config: Some("no/such/file.toml".into()), ..Flags::default() };
    let message = read(missing, NOTHING).unwrap_err().to_string();
    assert_eq!(message, "the settings file no/such/file.toml cannot be used: there is none");
}

#[test]
fn passwords_are_not_shown() {
    for (url, shown) in [
        ("postgres://me:secret@host/name", "postgres://me:…@host/name"),
        ("postgres://me:sec@ret@host/name?a=b", "postgres://me:…@host/name?a=b"),
        ("postgres://host/name?password=secret", "postgres://host/name?…"),
        ("sqlite://culturegraph.db?mode=rw", "sqlite://culturegraph.db?mode=rw"),
        ("secret", "secret"),
    ] {
        assert_eq!(value::without_secrets(url), shown);
    }
    let environment = [("CULTUREGRAPH_DATABASE_URL", "mysql://me:secret@host/name")];
    assert!(!read(Flags::default(), environment).unwrap_err().to_string().contains("secret"));
}

#[test]
fn every_setting_is_a_flag_and_can_be_set() {
    let wrong = "\u{1}";
    for name in names() {
        let variable = format!("CULTUREGRAPH_{}", name.to_uppercase().replace('-', "_"));
        assert!(read(Flags::default(), [(&*variable, wrong)]).is_err(), "{name}");

        let flag = format!("--{name}={wrong}");
        let line = Line::try_parse_from(["culturegraph", &flag]).unwrap();
        let error = read(line.flags, NOTHING).unwrap_err().to_string();
        assert!(error.contains(&format!("the flag --{name} gives")), "{error}");
    }
}

#[test]
fn the_readme_has_every_setting_with_its_default() {
    let readme = include_str!("../../../README.md");
    let rows = readme.lines().filter(|line| line.starts_with("| `"));
    let mut shown = BTreeMap::new();
    for row in rows {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        // Two settings of a kind share a row.
        let values = |cell: &str| cell.replace('`', "").split(", ").map(str::to_owned).collect();
        let (names, defaults): (Vec<String>, Vec<String>) = (values(cells[1]), values(cells[2]));
        shown.extend(names.into_iter().zip(defaults));
    }
    for Setting { name, help, .. } in SETTINGS {
        let default =
            help.rsplit_once("[default: ").map_or("none", |(_, it)| it.trim_end_matches(']'));
        assert_eq!(shown.get(*name).map(String::as_str), Some(default), "{name}");
    }
}

#[derive(clap::Parser)]
struct Line {
    #[command(flatten)]
    flags: Flags,
}
