use clap::CommandFactory as _;
use clap::parser::ValueSource;

use super::file::settings;
use super::keys::{self, Key};
use super::*;

/// The file that the packages install.
const SAMPLE: &str = include_str!("../../../packaging/windfall.toml");

/// What is wrong with a text: `LINE: what`.
fn fault(text: &str) -> String {
    let (line, error) = settings(text).unwrap_err();
    format!("{line}: {error}")
}

fn names(keys: &[Key]) -> Vec<(Option<&str>, &str)> {
    keys.iter().map(|key| (key.table, key.name())).collect()
}

#[test]
fn every_flag_of_watch_is_a_key() {
    let mut command = Arguments::command();
    command.build();
    let watch = command.find_subcommand("watch").unwrap();
    let keys = keys::all(&Arguments::command());
    let known: Vec<&str> = keys.iter().map(Key::name).collect();
    let mut flags = 0;
    for flag in watch.get_arguments() {
        let name = flag.get_long().expect("watch takes flags alone");
        if ["help", "version", "config"].contains(&name) {
            continue;
        }
        flags += 1;
        assert!(known.contains(&name), "{name} is no key");
    }
    assert!(flags > 30, "{flags}");
    assert_eq!(flags, keys.len());
}

/// The sample with every key that stands in a comment set, too.
fn all_set(sample: &str) -> String {
    let is_key = |line: &str| {
        line.strip_prefix('#')
            .and_then(|rest| rest.split_once(" = "))
            .is_some_and(|(key, _)| {
                !key.is_empty()
                    && key
                        .bytes()
                        .all(|byte| byte == b'-' || byte.is_ascii_lowercase())
            })
    };
    let lines = sample
        .lines()
        .map(|line| if is_key(line) { &line[1..] } else { line });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn the_sample_is_right_and_holds_every_key() {
    settings(SAMPLE).unwrap();
    let set = settings(&all_set(SAMPLE)).unwrap();
    let set: Vec<Key> = set.into_iter().map(|setting| setting.key).collect();
    let mut set = names(&set);
    let keys = keys::all(&Arguments::command());
    let mut all = names(&keys);
    set.sort_unstable();
    all.sort_unstable();
    assert_eq!(set, all);
}

#[test]
fn what_the_sample_calls_a_default_is_one() {
    let text = all_set(SAMPLE);
    let in_comments: Vec<usize> = SAMPLE
        .lines()
        .zip(text.lines())
        .enumerate()
        .filter(|(_, (before, now))| before != now)
        .map(|(at, _)| at + 1)
        .collect();
    let mut compared = 0;
    for setting in settings(&text).unwrap() {
        let defaults: Vec<String> = setting
            .key
            .flag
            .get_default_values()
            .iter()
            .map(|value| value.to_string_lossy().into_owned())
            .collect();
        if in_comments.contains(&setting.line) && !defaults.is_empty() {
            assert_eq!(setting.words, defaults, "line {}", setting.line);
            compared += 1;
        }
    }
    assert!(compared >= 5, "{compared}");
}

#[test]
fn a_fault_is_told_with_its_line_and_what_may_be_meant() {
    for (text, told) in [
        (
            "profile = \"all\"\n\nproflie = \"all\"\n",
            "3: there is no key \"proflie\" at the top: did you mean \"profile\"?",
        ),
        (
            "[watch]\nmetric = \"127.0.0.1:9477\"\n",
            "2: there is no key \"metric\" in [watch]: did you mean \"metrics\"?",
        ),
        (
            "interface = [\"lan0\"]\n",
            "1: there is no key \"interface\" at the top: it belongs in [watch]",
        ),
        (
            "[watch]\nprofile = \"all\"\n",
            "2: there is no key \"profile\" in [watch]: it belongs at the top",
        ),
        (
            "[watch]\nxyzzy = 1\n",
            "2: there is no key \"xyzzy\" in [watch]; windfall config show lists all",
        ),
        (
            "config = \"x\"\n",
            "1: there is no key \"config\" at the top",
        ),
        (
            "[watch]\nno-tui = \"yes\"\n",
            "2: \"no-tui\" is true or false, without quotes",
        ),
        (
            "profile = [\"all\"]\n",
            "1: \"profile\" has one value, not a list of them",
        ),
        (
            "max-flows = 1.5\n",
            "1: \"max-flows\" is text in quotes, or a number",
        ),
        ("verbose = \"2\"\n", "1: \"verbose\" is a number"),
        (
            "\nclient = [\"10.0.0.1,10.0.0.2\"]\n",
            "2: \"10.0.0.1,10.0.0.2\" in \"client\" would be several",
        ),
        (
            "[watch]\nwindow = 5\n",
            "2: invalid value '5' for '--window <TIME>': \"5\" is not a duration",
        ),
        (
            "[watch]\nsnaplen = 20\n",
            "2: invalid value '20' for '--snaplen <BYTES>'",
        ),
        (
            "[watc]\ninterface = []\n",
            "1: there is no key \"watc\" at the top",
        ),
        ("profile = \"all\"\nprofile = \"all\"\n", "2: duplicate key"),
        ("profile = \n", "1: "),
    ] {
        let fault = fault(text);
        assert!(fault.starts_with(told), "{text:?}: {fault}");
    }
}

#[test]
fn the_command_line_comes_before_the_file_and_that_before_defaults() {
    let text = "max-flows = 7\nverbose = 2\nclient = [\"10.0.0.1\", \"10.1.0.0/16\"]\n\
                [watch]\nno-tui = true\nreattach = false\nwindow = \"1m\"\nmetrics = \"[::1]:9477\"\n";
    let settings = Settings::made_of(settings(text).unwrap());
    let parse = |words: &[&str]| {
        let words = ["windfall"].iter().chain(words).map(OsString::from);
        let command = settings.apply(Arguments::command());
        let matches = command.try_get_matches_from(words).unwrap();
        Arguments::from_arg_matches(&matches).unwrap();
        matches
    };
    let matches = parse(&["watch", "--window", "2m"]);
    let (_, watch) = matches.subcommand().unwrap();
    let raw = |id: &str| -> Vec<String> {
        let raw = watch.get_raw(id).unwrap();
        raw.map(|word| word.to_string_lossy().into_owned())
            .collect()
    };
    assert_eq!(watch.get_one::<usize>("max_flows"), Some(&7));
    assert_eq!(watch.get_count("verbose"), 2);
    assert_eq!(raw("client"), ["10.0.0.1", "10.1.0.0/16"]);
    assert!(watch.get_flag("no_tui") && !watch.get_flag("reattach"));
    assert_eq!(raw("window"), ["2m"]);
    assert_eq!(watch.value_source("window"), Some(ValueSource::CommandLine));
    assert_eq!(raw("metrics"), ["[::1]:9477"]);
    // Other commands take what is at the top, and have the rest as ever.
    let matches = parse(&["replay", "x.pcap"]);
    let (_, replay) = matches.subcommand().unwrap();
    assert_eq!(replay.get_one::<usize>("max_flows"), Some(&7));
    assert_eq!(
        replay.get_raw("window").unwrap().collect::<Vec<_>>(),
        ["5m"]
    );
}
